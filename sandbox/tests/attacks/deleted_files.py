# attack: fill the disk with files that have no name any more; without a tmpfs only rlimits hold these back
# expect: disk_limit
# expect L1: stopped
# control: no, it would take the machine
import os

held = []
try:
    while True:
        file = open(f"f{len(held)}", "wb")
        os.unlink(file.name)
        file.write(b"x" * (1 << 20))
        file.flush()
        held.append(file)
except OSError as error:
    if error.errno == 28:
        raise
    result = f"stopped: after {len(held)} files: {error}"
