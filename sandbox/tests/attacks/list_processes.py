# attack: list the host's processes
# expect: stopped
# control: yes
import os

try:
    result = f"escaped: {len(os.listdir('/proc'))} entries"
except OSError as error:
    result = f"stopped: {error}"
