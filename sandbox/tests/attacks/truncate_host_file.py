# attack: empty a file of the host by its path
# expect: stopped
# control: yes
import os

try:
    os.truncate(get_param("canary"), 0)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
