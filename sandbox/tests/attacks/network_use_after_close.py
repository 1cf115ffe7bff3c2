# attack: use a connection that was reported as closed, and is counted no more
# expect: stopped
# control: no, there is no host outside
import json
import socket

channel = socket.socket(fileno=4)


def ask(**request):
    channel.send(json.dumps(request).encode())
    data, fds, _, _ = socket.recv_fds(channel, 65536, 4)
    return json.loads(data), fds


site = {"host": "127.0.0.1", "port": get_param("open_port"), "seconds": 5}
_, fds = ask(id=1, op="dial", **site)
kept = socket.socket(fileno=fds[0])
kept.settimeout(20)
channel.send(b'{"closed": 1}')
ask(id=2, op="resolve", host="site.example")
try:
    kept.sendall(b"x")
    result = "escaped" if kept.recv(1) else "stopped"
except OSError as error:
    result = f"stopped: {error}"
