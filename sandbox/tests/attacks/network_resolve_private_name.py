# attack: learn an address inside from its name
# expect: stopped
# control: no, there is no host outside
import socket

try:
    socket.getaddrinfo("inside.example", 80)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
