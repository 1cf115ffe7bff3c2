# attack: have the host wait for ever, or not at all
# expect: stopped
# control: no, there is no host outside
import json
import socket

channel = socket.socket(fileno=4)


def ask(**request):
    channel.send(json.dumps(request).encode())
    data, fds, _, _ = socket.recv_fds(channel, 65536, 4)
    return json.loads(data), fds


replies = []
for number, seconds in enumerate((float("nan"), float("inf"), -1, 0, 1e300, True)):
    reply, fds = ask(id=number, op="dial", host="127.0.0.1", port=get_param("tcp_port"), seconds=seconds)
    replies.append("error" in reply and not fds)
result = "stopped" if all(replies) else "escaped"
