# attack: attach to the worker as a debugger
# expect: stopped
# control: no, it would stop the worker
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
seized = libc.ptrace(PTRACE_SEIZE, get_param("worker"), None, None)
result = "escaped" if seized == 0 else f"stopped: errno {ctypes.get_errno()}"
