# attack: link a file of the host into the work dir
# expect: stopped
# control: no, the work dir may lie on another disk
import os

try:
    os.link(get_param("canary"), "mine")
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
