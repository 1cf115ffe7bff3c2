# attack: open the memory of the zygote, which forks the next script
# expect: stopped
# control: no, Yama stops it on many hosts
import os

try:
    with open(f"/proc/{os.getppid()}/mem", "r+b"):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
