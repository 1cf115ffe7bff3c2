# attack: make a device node for the first disk
# expect: stopped
# control: no, needs root
import os
import stat

try:
    os.mknod("disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
