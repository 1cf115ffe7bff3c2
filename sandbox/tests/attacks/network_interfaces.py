# attack: list the interfaces and addresses of the host
# expect: stopped
# control: no, the filter alone is meant
import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)
own = socket.socket()
SIOCGIFNAME, SIOCGIFCONF, SIOCGIFADDR, SIOCGIFHWADDR, SIOCSIFFLAGS = 0x8910, 0x8912, 0x8915, 0x8927, 0x8914
found = []
for request in (SIOCGIFNAME, SIOCGIFCONF, SIOCGIFADDR, SIOCGIFHWADDR, SIOCSIFFLAGS):
    if libc.ioctl(own.fileno(), request, ctypes.create_string_buffer(256)) >= 0 or ctypes.get_errno() not in (
        1,
        38,
    ):
        found.append(request)
result = f"escaped: {found}" if found else "stopped"
