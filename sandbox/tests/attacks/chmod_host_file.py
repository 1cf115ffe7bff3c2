# attack: change a file's permissions, which Landlock does not cover
# expect: stopped
# control: yes
import os

path = get_param("canary")
try:
    before = os.stat(path).st_mode
    os.chmod(path, 0o600)
    result = "escaped" if os.stat(path).st_mode != before else "stopped: nothing changed"
except OSError as error:
    result = f"stopped: {error}"
