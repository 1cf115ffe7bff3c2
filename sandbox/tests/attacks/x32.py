# attack: system calls by the x32 numbers
# expect: script_error
# control: no, not every kernel has them
# machine: x86_64
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
X32, GETPID = 0x40000000, 39
result = f"escaped: {libc.syscall(X32 | GETPID)}"
