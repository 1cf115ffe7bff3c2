# attack: move a file of the host
# expect: stopped
# control: yes
import os

try:
    os.rename(get_param("canary"), get_param("canary") + ".moved")
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
