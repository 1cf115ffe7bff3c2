# attack: put a channel of its own in the place where descriptors may be received
# expect: stopped
# control: no, the filter alone is meant
import os
import socket

ours, theirs = socket.socketpair()
os.dup2(ours.fileno(), 4)
channel = socket.socket(fileno=4)
passed = 0
try:
    socket.send_fds(theirs, [b"x"], [0])
    passed = len(socket.recv_fds(channel, 1, 1)[1])
except OSError:
    theirs.send(b"x")
    passed = len(socket.recv_fds(channel, 1, 1)[1])
result = "escaped" if passed else "stopped"
