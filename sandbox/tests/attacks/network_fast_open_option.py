# attack: have connect() put off until something is sent
# expect: stopped
# control: yes
import socket

TCP_FASTOPEN_CONNECT = 30
own = socket.socket()
try:
    own.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
