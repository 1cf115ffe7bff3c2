# attack: send the host a request that overflows its parser
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b"[" * 4000)
time.sleep(60)
