# attack: get a handle on the worker through the socket to it
# expect: stopped
# control: no, there is no such socket outside
import os
import socket

SO_PEERPIDFD = 77
connection = socket.socket(fileno=os.dup(3))
found = []
for option in (SO_PEERPIDFD, 17, 31, 59):
    try:
        found.append(connection.getsockopt(socket.SOL_SOCKET, option, 64))
    except OSError:
        continue
result = f"escaped: {found}" if found else "stopped"
