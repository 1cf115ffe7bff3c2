# attack: burn the processor in many threads that never join
# expect: cpu_limit | timeout
# control: no, it never ends
import threading


def burn():
    while True:
        pass


for _ in range(8):
    threading.Thread(target=burn).start()
