# attack: a result beyond the limit, past the guest's own check
# expect: result_limit
# control: no, there is no host outside
import json
import os
import time

body = json.dumps({"kind": "done", "result": "x" * 1_000_000}).encode()
frame = len(body).to_bytes(4, "big") + body
while frame:
    frame = frame[os.write(3, frame) :]
time.sleep(60)
