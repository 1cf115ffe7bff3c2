# attack: send the host an empty request
# expect: script_error
# control: no, there is no host outside
import socket
import time

socket.socket(fileno=4).send(b"{}")
time.sleep(60)
