# attack: send the host a request of the wrong types
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b'{"id": "1", "op": "dial", "host": ["x"], "port": "80", "seconds": {}}')
time.sleep(60)
