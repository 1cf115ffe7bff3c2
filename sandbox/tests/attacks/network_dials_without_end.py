# attack: dial without end
# expect: stopped
# control: no, there is no host outside
import socket

dialled = 0
try:
    while dialled < 300:
        socket.create_connection(("site.example", get_param("open_port"))).close()
        dialled += 1
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}" if dialled <= 200 else f"escaped: {dialled}"
