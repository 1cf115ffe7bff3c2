# attack: hand a dialled socket back to the host, or to somebody else
# expect: stopped
# control: no, the filter alone is meant
import os
import socket

open_connection = socket.create_connection(("site.example", get_param("open_port")))
passed = []
pair, other = socket.socketpair()
for channel in (socket.socket(fileno=os.dup(3)), socket.socket(fileno=os.dup(4)), pair):
    try:
        socket.send_fds(channel, [b"x"], [open_connection.fileno()])
        passed.append(channel.fileno())
    except OSError:
        continue
result = f"escaped: {passed}" if passed else "stopped"
