# attack: leave connections to the next script
# expect: stopped
# control: no, there is no host outside
import os
import socket

held = [socket.create_connection(("site.example", get_param("open_port"))) for _ in range(10)]
for connection in held:
    os.set_inheritable(os.dup(connection.fileno()), True)
result = "stopped"
