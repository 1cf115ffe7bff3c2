# attack: connect a socket that the host has dialled to another place
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
open_connection = socket.create_connection(("site.example", get_param("open_port")))
name = struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", get_param("tcp_port"), bytes([127, 0, 0, 1]))
EPERM = 1
ended = libc.connect(open_connection.fileno(), name, len(name))
result = "stopped" if ended != 0 and ctypes.get_errno() == EPERM else "escaped"
