# attack: send a datagram from a stream, with an address
# expect: stopped
# control: no, the filter alone is meant
import socket

own = socket.socket()
try:
    own.sendto(b"mine", ("127.0.0.1", get_param("tcp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
