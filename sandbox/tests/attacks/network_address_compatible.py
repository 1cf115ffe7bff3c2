# attack: reach a closed port as ::127.0.0.1
# expect: stopped
# control: no, not every machine has such addresses
import socket

try:
    with socket.socket(socket.AF_INET6) as own:
        own.settimeout(5)
        own.connect(("::127.0.0.1", get_param("tcp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
