# attack: connect to ports that are none
# expect: stopped
# control: no, there is no host outside
import socket

reached = []
for port in (0, 65536, -1, 1 << 70, "80", 80.5, None, True, b"80"):
    with socket.socket() as own:
        try:
            own.connect(("site.example", port))
            reached.append(port)
        except (OSError, TypeError, ValueError, OverflowError):
            continue
result = f"escaped: {reached}" if reached else "stopped"
