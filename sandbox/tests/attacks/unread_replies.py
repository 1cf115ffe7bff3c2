# attack: call without reading a reply, so that the host's buffers fill
# expect: call_limit | timeout
# control: no, there is no host outside
import os
import time

body = b'{"kind": "call", "id": 1, "name": "get_var", "arguments": {"key": "x"}}'
frame = len(body).to_bytes(4, "big") + body
for _ in range(100_000):
    os.write(3, frame)
time.sleep(60)
