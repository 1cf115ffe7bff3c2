# attack: hide another family behind bits that the kernel drops
# expect: stopped
# control: no, it needs the numbers of calls
# calls: socket
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
UPPER = 1 << 32
AF_UNIX, AF_INET, DATAGRAM, STREAM = 1, 2, 2, 1
number = get_param("calls")["socket"]
opened = []
for family, kind in ((UPPER | AF_UNIX, STREAM), (UPPER | AF_INET, DATAGRAM), (AF_INET, UPPER | DATAGRAM)):
    if libc.syscall(number, ctypes.c_long(family), ctypes.c_long(kind), ctypes.c_long(0)) >= 0:
        opened.append((family, kind))
result = f"escaped: {opened}" if opened else "stopped"
