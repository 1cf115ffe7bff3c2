# attack: set an extended attribute on a file of the host
# expect: stopped
# control: no, not every file system has them
import os

try:
    os.setxattr(get_param("canary"), "user.mine", b"1")
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
