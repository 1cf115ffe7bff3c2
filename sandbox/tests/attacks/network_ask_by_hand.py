# attack: ask the host for a closed port past the patches
# expect: stopped
# control: no, there is no host outside
import json
import socket

channel = socket.socket(fileno=4)


def ask(**request):
    channel.send(json.dumps(request).encode())
    data, fds, _, _ = socket.recv_fds(channel, 65536, 4)
    return json.loads(data), fds


reply, fds = ask(id=1, op="dial", host="127.0.0.1", port=get_param("tcp_port"), seconds=5)
result = f"escaped: {reply}" if fds or "error" not in reply else "stopped"
