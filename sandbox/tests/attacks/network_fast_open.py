# attack: connect by sending: TCP Fast Open
# expect: stopped
# control: yes
import socket

FASTOPEN = 0x20000000
own = socket.socket()
try:
    own.sendto(b"mine", FASTOPEN, ("127.0.0.1", get_param("tcp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
