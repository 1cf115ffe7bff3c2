# attack: start threads without end
# expect: script_error
# control: no, it would take the machine
import threading
import time

threading.stack_size(65536)
while True:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
