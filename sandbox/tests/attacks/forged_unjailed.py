# attack: claim that the jail failed, so that the platform believes this host unfit
# expect: script_error
# control: no, there is no host outside
import os
import time

body = b'{"kind": "unjailed", "error": "no"}'
os.write(3, len(body).to_bytes(4, "big") + body)
time.sleep(60)
