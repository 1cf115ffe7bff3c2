# attack: connect to a listening port of the host
# expect: stopped
# control: yes
import socket

try:
    with socket.create_connection(("127.0.0.1", get_param("tcp_port")), timeout=2):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
