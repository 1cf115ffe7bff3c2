# attack: connect to an address that nobody has opened
# expect: stopped
# control: yes
import socket

try:
    socket.create_connection(("127.0.0.1", get_param("tcp_port")), timeout=5).close()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
