# attack: listen without a port of its own: the kernel would choose one
# expect: stopped
# control: yes
import socket

own = socket.socket()
try:
    own.listen()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
