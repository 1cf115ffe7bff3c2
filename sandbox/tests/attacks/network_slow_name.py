# attack: wait for a name that nobody answers for
# expect: timeout
# control: no, there is no host outside
import socket

socket.getaddrinfo("slow.example", 80)
