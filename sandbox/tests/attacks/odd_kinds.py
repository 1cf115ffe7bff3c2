# attack: fields of the wrong types
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": ["done"], "result": {"kind": "done"}}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
