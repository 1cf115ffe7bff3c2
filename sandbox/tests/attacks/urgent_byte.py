# attack: one out-of-band byte, behind which a blocking reader waits for ever
# expect: stopped
# control: yes
import os
import socket

pair = socket.socketpair()
connection = pair[0] if get_param("outside") else socket.socket(fileno=os.dup(3))
try:
    connection.send(b"x", socket.MSG_OOB)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
