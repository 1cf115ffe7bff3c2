# attack: copy from another process's memory
# expect: stopped
# control: no, a hardened kernel stops this everywhere
# calls: process_vm_readv
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
call = get_param("calls")["process_vm_readv"]
copied = [libc.syscall(call, pid, None, 0, None, 0, 0) for pid in (os.getppid(), get_param("worker"))]
result = "escaped" if any(count >= 0 for count in copied) else f"stopped: errno {ctypes.get_errno()}"
