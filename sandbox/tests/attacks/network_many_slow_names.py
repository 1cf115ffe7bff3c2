# attack: wait for many such names at once
# expect: timeout
# control: no, there is no host outside
import socket
import threading

for _ in range(20):
    threading.Thread(target=socket.getaddrinfo, args=("slow.example", 80)).start()
