# attack: have two connections under one number, so that the host loses sight of one
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
reply, fds = ask(id=1, op="dial", **site)
channel.send(json.dumps({"id": 1, "op": "dial", **site}).encode())
got = ask(id=2, op="dial", **site)[0]["id"]
result = "stopped" if len(fds) == 1 and got == 2 else "escaped"
