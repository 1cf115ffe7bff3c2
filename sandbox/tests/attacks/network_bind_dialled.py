# attack: take a port with a dialled socket
# expect: stopped
# control: no, the filter alone is meant
import socket

open_connection = socket.create_connection(("site.example", get_param("open_port")))
try:
    open_connection.bind(("127.0.0.1", 0))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
