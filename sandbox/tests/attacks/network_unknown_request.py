# attack: ask the host for something else
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b'{"id": 1, "op": "listen", "host": "0.0.0.0", "port": 80, "seconds": 1}')
time.sleep(60)
