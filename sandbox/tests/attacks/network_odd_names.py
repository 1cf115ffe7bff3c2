# attack: have a name read as two different ones
# expect: stopped
# control: no, there is no host outside
import socket

reached = []
for host in (
    "inside.example\0.site.example",
    "site.example\0",
    "",
    " ",
    "\n",
    "site.example\r\nx",
    "\ud800",
    "a" * 254,
    "a" * 100_000,
    "é" * 300,
    "site.example/",
    "user@site.example",
    None,
    5,
    b"\xff",
):
    with socket.socket() as own:
        try:
            own.connect((host, get_param("open_port")))
            reached.append(host)
        except (OSError, TypeError, ValueError):
            continue
result = f"escaped: {reached}" if reached else "stopped"
