# attack: announce a frame of four gigabytes
# expect: script_error
# control: no, there is no host outside
import os
import time

os.write(3, b"\xff\xff\xff\xff")
time.sleep(60)
