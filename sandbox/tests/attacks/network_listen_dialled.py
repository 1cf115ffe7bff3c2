# attack: listen on a dialled socket
# expect: stopped
# control: no, the filter alone is meant
import socket

open_connection = socket.create_connection(("site.example", get_param("open_port")))
open_connection.shutdown(socket.SHUT_RDWR)
try:
    open_connection.listen()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
