# attack: send a datagram to the host
# expect: stopped
# control: yes
import socket

try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"mine", ("127.0.0.1", get_param("udp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
