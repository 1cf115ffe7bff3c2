# attack: open a socket of the machine itself
# expect: stopped
# control: yes
import socket

try:
    socket.socket(socket.AF_UNIX).close()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
