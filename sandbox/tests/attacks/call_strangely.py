# attack: call a grant with arguments that it doesn't have
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "call", "id": 1, "name": "get_var", "arguments": {"key": "x", "__class__": 1}}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
