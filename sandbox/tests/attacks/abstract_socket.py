# attack: connect to an abstract socket of the host
# expect: stopped
# control: yes
import socket

try:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"mine", "\0" + get_param("abstract_name"))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
