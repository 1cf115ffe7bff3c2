# attack: send what is no frame
# expect: script_error
# control: no, there is no host outside
import os
import time

os.write(3, b"\x00\x00\x00\x05hello")
time.sleep(60)
