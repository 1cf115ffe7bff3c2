# attack: connect to a name that leads inside
# expect: stopped
# control: no, there is no host outside
import socket

try:
    socket.create_connection(("inside.example", get_param("open_port")), timeout=5).close()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
