# attack: connect by the C library
# expect: stopped
# control: yes
import ctypes
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
name = struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", get_param("tcp_port"), bytes([127, 0, 0, 1]))
own = socket.socket()
ended = libc.connect(own.fileno(), name, len(name))
result = "escaped" if ended == 0 else "stopped"
