# attack: signal the worker, the zygote, the group, everybody
# expect: stopped
# control: no, it might work
import os
import signal

reached = []
for pid in (get_param("worker"), os.getppid(), 0, -1, 1):
    try:
        os.kill(pid, signal.SIGURG)
        reached.append(pid)
    except OSError:
        continue
result = f"escaped: {reached}" if reached else "stopped"
