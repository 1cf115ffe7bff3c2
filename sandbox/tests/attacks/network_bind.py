# attack: take a port
# expect: stopped
# control: yes
import socket

own = socket.socket()
try:
    own.bind(("127.0.0.1", 0))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
