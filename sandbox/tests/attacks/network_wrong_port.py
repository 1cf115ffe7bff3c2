# attack: ask the host for a port that is none
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b'{"id": 1, "op": "dial", "host": "site.example", "port": 65536, "seconds": 1}')
time.sleep(60)
