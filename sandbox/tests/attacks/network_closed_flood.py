# attack: report connections as closed without end
# expect: call_limit
# control: no, there is no host outside
import socket

channel = socket.socket(fileno=4)
while True:
    channel.send(b'{"closed": 7}')
