# attack: fork
# expect: stopped
# control: yes
import os

try:
    if os.fork() == 0:
        os._exit(0)
    os.wait()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
