# attack: open sockets of the families that few firewalls think of
# expect: stopped
# control: yes
import socket

opened = []
for family in (
    "AF_VSOCK",
    "AF_NETLINK",
    "AF_PACKET",
    "AF_ALG",
    "AF_INET6",
    "AF_BLUETOOTH",
    "AF_XDP",
    "AF_CAN",
):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        if (family, kind) == ("AF_INET6", socket.SOCK_STREAM):
            continue  # this one may be opened, but not connected
        try:
            socket.socket(getattr(socket, family, 44), kind).close()
            opened.append(family)
        except OSError:
            continue
result = f"escaped: {opened}" if opened else "stopped"
