# attack: fetch more than a run may
# expect: call_limit
# control: no, there is no host outside
import socket

with socket.create_connection(("site.example", get_param("open_port"))) as connection:
    connection.sendall(b"more")
    while connection.recv(1 << 20):
        pass
