# attack: undo the patches and connect
# expect: stopped
# control: yes
import importlib
import socket

socket = importlib.reload(socket)
try:
    socket.create_connection(("127.0.0.1", get_param("tcp_port")), timeout=2).close()
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
