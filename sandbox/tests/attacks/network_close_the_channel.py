# attack: close the channel and connect all the same
# expect: stopped | script_error
# control: no, there is no host outside
import os
import socket

os.close(4)
try:
    socket.create_connection(("site.example", get_param("open_port"))).close()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
