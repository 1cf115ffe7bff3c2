# attack: leave the session or the process group, so as not to be found
# expect: stopped
# control: no, a group's leader can't
import os

moved = []
for move in (os.setsid, lambda: os.setpgid(0, 0)):
    try:
        move()
        moved.append(move)
    except OSError:
        continue
result = f"escaped: {moved}" if moved else "stopped"
