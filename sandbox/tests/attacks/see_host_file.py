# attack: ask whether a file of the host exists: without namespaces stat() is open to all
# expect: stopped
# expect L1: escaped
# control: yes
import os

try:
    result = f"escaped: {os.stat(get_param('canary')).st_size} bytes"
except OSError as error:
    result = f"stopped: {error}"
