# attack: burn the processor and ignore the warning
# expect: cpu_limit
# control: no, it never ends
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
