# attack: read where the worker's links lead
# expect: stopped
# control: yes
import os

try:
    result = f"escaped: {os.readlink('/proc/' + str(get_param('worker')) + '/exe')}"
except OSError as error:
    result = f"stopped: {error}"
