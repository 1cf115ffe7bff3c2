# attack: hold more connections than are allowed
# expect: stopped
# control: no, there is no host outside
import socket

held = []
try:
    while len(held) < 200:
        held.append(socket.create_connection(("site.example", get_param("open_port"))))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}" if len(held) <= 128 else f"escaped: {len(held)}"
