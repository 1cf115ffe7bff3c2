# attack: send the host a request that it has no room for
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b'{"id": 1, "op": "resolve", "host": "' + b"a" * 60_000 + b'"}')
time.sleep(60)
