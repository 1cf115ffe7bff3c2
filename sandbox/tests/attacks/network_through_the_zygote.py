# attack: leave the next script a patched network
# expect: stopped
# control: no, there is no host outside
import socket

socket.socket.connect = socket.socket.connect_ex = lambda self, address: None
socket.getaddrinfo = lambda *args, **kwargs: []
socket.poisoned = True
result = "stopped: the next script must find nothing of it"
