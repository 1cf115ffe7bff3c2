# attack: connect by sending without an address
# expect: stopped
# control: no, the filter alone is meant
import socket

FASTOPEN = 0x20000000
own = socket.socket()
try:
    own.send(b"mine", FASTOPEN)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
