# attack: send a message with an address
# expect: stopped
# control: yes
import socket

own = socket.socket()
FASTOPEN = 0x20000000
try:
    own.sendmsg([b"mine"], [], FASTOPEN, ("127.0.0.1", get_param("tcp_port")))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
