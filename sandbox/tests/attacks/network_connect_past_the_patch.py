# attack: connect without asking the host
# expect: stopped
# control: yes
import _socket

with_own = _socket.socket()
try:
    with_own.connect(("127.0.0.1", get_param("tcp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
