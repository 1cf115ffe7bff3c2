# attack: send the host what is no request
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b"hello")
time.sleep(60)
