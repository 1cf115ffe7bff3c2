# attack: fetch more than a run may by many connections
# expect: call_limit
# control: no, there is no host outside
import socket

while True:
    with socket.create_connection(("site.example", get_param("open_port"))) as connection:
        connection.sendall(b"more")
        for _ in range(4):
            connection.recv(1 << 18)
