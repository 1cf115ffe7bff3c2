# attack: free a dialled socket from its peer by AF_UNSPEC, to connect it anew
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
open_connection = socket.create_connection(("site.example", get_param("open_port")))
nobody = struct.pack("=H14x", socket.AF_UNSPEC)
ended = libc.connect(open_connection.fileno(), nobody, len(nobody))
open_connection.sendall(b"still there")
result = "stopped" if ended != 0 and open_connection.recv(99) == b"still there" else "escaped"
