# attack: make or join namespaces, to be root in them
# expect: stopped
# control: no, depends on the host
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
NEW_USER, NEW_MOUNTS = 0x10000000, 0x20000
answers = [libc.unshare(NEW_USER), libc.unshare(NEW_USER | NEW_MOUNTS), libc.setns(3, 0)]
result = "escaped" if 0 in answers else f"stopped: errno {ctypes.get_errno()}"
