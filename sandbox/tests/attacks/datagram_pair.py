# attack: address a stranger through one end of a datagram pair, which needs no socket() at all
# expect: stopped
# control: yes
import socket

try:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ours.sendto(b"mine", "\0" + get_param("abstract_name"))
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
