# attack: write an address as no guard expects it
# expect: stopped
# control: yes
import socket

reached = []
for host in (
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "localhost",
    "0",
    "[::1]",
    "%31",
):
    try:
        socket.create_connection((host, get_param("tcp_port")), timeout=5).close()
        reached.append(host)
    except (OSError, UnicodeError):
        continue
result = f"escaped: {reached}" if reached else "stopped"
