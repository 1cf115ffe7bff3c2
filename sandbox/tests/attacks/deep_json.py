# attack: JSON so deep that the reader's stack overflows
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "done", "result": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"
frame = len(body).to_bytes(4, "big") + body
while frame:
    frame = frame[os.write(3, frame) :]
time.sleep(60)
