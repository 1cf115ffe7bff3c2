# attack: send out-of-band data by a dialled socket
# expect: stopped
# control: no, there is no host outside
import socket

open_connection = socket.create_connection(("site.example", get_param("open_port")))
try:
    open_connection.send(b"x", socket.MSG_OOB)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
