# attack: open a network socket of another type or protocol
# expect: stopped
# control: yes
import socket

MPTCP, SCTP, UDPLITE, ICMP = 262, 132, 136, 1
opened = []
for family in (socket.AF_INET, socket.AF_INET6):
    for kind, protocol in (
        (socket.SOCK_DGRAM, 0),
        (socket.SOCK_DGRAM, ICMP),
        (socket.SOCK_DGRAM, UDPLITE),
        (socket.SOCK_RAW, ICMP),
        (socket.SOCK_RAW, 255),
        (socket.SOCK_SEQPACKET, SCTP),
        (socket.SOCK_STREAM, SCTP),
        (socket.SOCK_STREAM, MPTCP),
        (socket.SOCK_STREAM, 255),
        (6, 33),
    ):
        try:
            socket.socket(family, kind, protocol).close()
            opened.append((int(family), int(kind), protocol))
        except OSError:
            continue
result = f"escaped: {opened}" if opened else "stopped"
