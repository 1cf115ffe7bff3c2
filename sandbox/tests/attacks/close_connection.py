# attack: close the connection and go on unseen
# expect: script_error
# control: no, there is no host outside
import os
import time

os.close(3)
time.sleep(60)
