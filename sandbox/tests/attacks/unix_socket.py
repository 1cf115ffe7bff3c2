# attack: connect to a socket file of the host, as Docker's is
# expect: stopped
# control: yes
import socket

try:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(get_param("unix_path"))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
