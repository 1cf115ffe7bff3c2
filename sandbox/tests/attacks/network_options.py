# attack: set dangerous options of a socket
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)
OPTIONS = {
    "SO_MARK": (1, 36),
    "SO_BINDTODEVICE": (1, 25),
    "SO_ATTACH_FILTER": (1, 26),
    "SO_ATTACH_BPF": (1, 50),
    "SO_REUSEPORT": (1, 15),
    "SO_ATTACH_REUSEPORT_CBPF": (1, 51),
    "SO_PRIORITY": (1, 12),
    "SO_DEBUG": (1, 1),
    "SO_DONTROUTE": (1, 5),
    "SO_PASSCRED": (1, 16),
    "SO_PEEK_OFF": (1, 42),
    "SO_BUSY_POLL": (1, 46),
    "SO_ZEROCOPY": (1, 60),
    "SO_SNDBUFFORCE": (1, 32),
    "SO_LINGER": (1, 13),
    "TCP_REPAIR": (6, 19),
    "TCP_ULP": (6, 31),
    "TCP_CONGESTION": (6, 13),
    "TCP_MD5SIG": (6, 14),
    "TCP_FASTOPEN": (6, 23),
    "TCP_FASTOPEN_CONNECT": (6, 30),
    "TCP_DEFER_ACCEPT": (6, 9),
    "TCP_ZEROCOPY_RECEIVE": (6, 35),
    "IP_TRANSPARENT": (0, 19),
    "IP_FREEBIND": (0, 15),
    "IP_OPTIONS": (0, 4),
    "IP_HDRINCL": (0, 3),
    "IP_ADD_MEMBERSHIP": (0, 35),
    "IPT_SO_SET_REPLACE": (0, 64),
    "IPV6_ADDRFORM": (41, 1),
    "IPV6_TRANSPARENT": (41, 75),
    "TLS_TX": (282, 1),
    "MPTCP_INFO": (284, 1),
}
REFUSED = (1, 38)  # EPERM, ENOSYS: by the filter, before the kernel looks at the value
one = socket.socket()
taken = []
for name, (level, option) in OPTIONS.items():
    value = ctypes.create_string_buffer(64)
    if libc.setsockopt(one.fileno(), level, option, value, 4) == 0 or ctypes.get_errno() not in REFUSED:
        taken.append(name)
result = f"escaped: {taken}" if taken else "stopped"
