# attack: accept on any socket
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)
open_connection = socket.create_connection(("site.example", get_param("open_port")))
EPERM = 1
left = []
for one in (socket.socket(), open_connection):
    if libc.accept(one.fileno(), None, None) >= 0 or ctypes.get_errno() != EPERM:
        left.append(ctypes.get_errno())
result = f"escaped: {left}" if left else "stopped"
