# attack: leave a symbolic link for whoever cleans up the work dir
# expect: stopped
# control: yes
import os

try:
    os.symlink(get_param("canary"), "mine")
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
