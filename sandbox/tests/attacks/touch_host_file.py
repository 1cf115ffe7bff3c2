# attack: change a file's times, which Landlock does not cover
# expect: stopped
# control: yes
import os

path = get_param("canary")
try:
    os.utime(path, (0, 0))
    result = "escaped" if os.stat(path).st_mtime == 0 else "stopped: nothing changed"
except OSError as error:
    result = f"stopped: {error}"
