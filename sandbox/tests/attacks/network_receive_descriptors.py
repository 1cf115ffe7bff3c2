# attack: receive descriptors by a channel of its own
# expect: stopped
# control: no, the filter alone is meant
import socket

ours, theirs = socket.socketpair()
theirs.send(b"x")
try:
    socket.recv_fds(ours, 1, 1)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
