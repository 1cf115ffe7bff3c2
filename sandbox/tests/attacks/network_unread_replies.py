# attack: ask without end, and read no reply
# expect: call_limit
# control: no, there is no host outside
import socket

channel = socket.socket(fileno=4)
while True:
    channel.send(b'{"id": 1, "op": "resolve", "host": "nobody.example"}')
