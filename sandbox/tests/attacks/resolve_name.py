# attack: carry data out by asking for names
# expect: stopped
# network: off
# control: no, there may be no resolver
import socket

try:
    result = f"escaped: {socket.getaddrinfo('example.com', 80)}"
except OSError as error:
    result = f"stopped: {error}"
