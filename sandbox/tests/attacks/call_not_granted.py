# attack: call what was not granted, past the guest's own check
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "call", "id": 1, "name": "get_secret", "arguments": {"key": "x"}}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
