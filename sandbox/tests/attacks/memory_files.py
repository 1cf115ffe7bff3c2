# attack: fill the memory by files that live in it, outside all address spaces
# expect: stopped
# control: yes
import os

try:
    os.close(os.memfd_create("mine"))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
