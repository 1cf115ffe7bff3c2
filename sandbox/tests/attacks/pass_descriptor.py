# attack: push a descriptor into the worker, until it has no room left
# expect: stopped
# control: no, there is no worker outside
import os
import socket

connection = socket.socket(fileno=os.dup(3))
try:
    socket.send_fds(connection, [b"x"], [0])
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
