# attack: become root, or any other user
# expect: stopped
# control: no, depends on who runs it
import os

changed = []
for change in (
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setresgid(0, 0, 0),
    lambda: os.setgroups([0]),
    lambda: os.setuid(os.getuid()),
):
    try:
        change()
        changed.append(change)
    except OSError:
        continue
result = f"escaped: {changed}" if changed else "stopped"
