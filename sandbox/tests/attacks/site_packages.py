# attack: list the packages beside the standard library: Landlock hides what is in them, not their names
# expect: stopped
# expect L1: escaped | stopped
# control: no, not every interpreter has them there
import os

found = []
result = "stopped"
for name in ("site-packages", "dist-packages"):
    try:
        found += os.listdir(os.path.join(os.path.dirname(os.__file__), name))
    except OSError as error:
        result = f"stopped: {error}"
if found:
    result = f"escaped: {found[:3]}"
