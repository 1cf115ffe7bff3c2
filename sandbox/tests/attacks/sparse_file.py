# attack: a file that claims a terabyte
# expect: disk_limit
# control: yes
import os

with open("large", "wb") as file:
    os.ftruncate(file.fileno(), 1 << 40)
result = "escaped"
