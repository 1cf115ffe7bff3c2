# attack: begin a frame and never end it
# expect: timeout
# control: no, there is no host outside
import os
import time

os.write(3, b"\x00\x00\x10\x00{")
time.sleep(60)
