# attack: change priority or processors, its own or the worker's
# expect: stopped
# control: yes
import os

changed = []
for name, change in (
    ("nice", lambda: os.nice(0)),
    ("priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, 0)),
    ("processors", lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
):
    try:
        change()
        changed.append(name)
    except OSError:
        continue
result = f"escaped: {changed}" if changed else "stopped"
