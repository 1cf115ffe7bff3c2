# attack: delete a file of the host
# expect: stopped
# control: yes
import os

try:
    os.unlink(get_param("canary"))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
