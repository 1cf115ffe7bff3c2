# attack: outlive the deadline by catching everything
# expect: timeout
# control: no, it never ends
import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
while True:
    try:
        time.sleep(60)
    except BaseException:
        continue
