# attack: a number that only becomes infinite when it is read
# expect: result_limit
# control: no, there is no host outside
import os
import time

body = b'{"kind": "done", "result": 1e999}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
