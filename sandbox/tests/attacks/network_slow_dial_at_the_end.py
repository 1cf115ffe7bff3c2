# attack: end while the host is still connecting
# expect: stopped
# control: no, there is no host outside
import socket
import threading
import time

for _ in range(8):
    threading.Thread(
        target=socket.create_connection, args=(("site.example", get_param("open_port")),), daemon=True
    ).start()
time.sleep(0.002)
result = "stopped"
