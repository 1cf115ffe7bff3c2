# attack: vanish while the host is still connecting
# expect: script_error
# control: no, there is no host outside
import os
import socket

channel = socket.socket(fileno=4)
for number in range(8):
    channel.send(
        b'{"id": %d, "op": "dial", "host": "127.0.0.1", "port": %d, "seconds": 5}'
        % (number, get_param("open_port"))
    )
os._exit(0)
