# attack: ask for the source a second time
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "ready"}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
