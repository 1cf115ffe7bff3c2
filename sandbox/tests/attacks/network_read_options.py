# attack: learn more of a dialled socket than it needs
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)
open_connection = socket.create_connection(("site.example", get_param("open_port")))
OPTIONS = {
    "SO_PEERCRED": (1, 17),
    "SO_PEERSEC": (1, 31),
    "SO_PEERGROUPS": (1, 59),
    "SO_PEERPIDFD": (1, 77),
    "SO_COOKIE": (1, 57),
    "SO_NETNS_COOKIE": (1, 71),
    "SO_BINDTODEVICE": (1, 25),
    "SO_GET_FILTER": (1, 26),
    "IPT_SO_GET_INFO": (0, 64),
    "TCP_REPAIR": (6, 19),
    "TCP_CONGESTION": (6, 13),
}
found = []
for name, (level, option) in OPTIONS.items():
    value, size = ctypes.create_string_buffer(256), ctypes.c_uint(256)
    if libc.getsockopt(open_connection.fileno(), level, option, value, ctypes.byref(size)) == 0:
        found.append(name)
result = f"escaped: {found}" if found else "stopped"
