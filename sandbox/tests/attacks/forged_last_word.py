# attack: a last word that is not JSON, past the guest's own check
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "done", "result": NaN}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
