# attack: open a port for somebody outside
# expect: stopped
# control: yes
import socket

try:
    with socket.create_server(("127.0.0.1", 0)):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
