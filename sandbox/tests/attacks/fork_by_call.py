# attack: fork by the raw system calls
# expect: stopped
# control: no, a raw clone3 is easily got wrong
# calls: clone clone3
# calls x86_64: fork
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
calls = get_param("calls")
CLONE_PARENT, CLONE_NEWUSER = 0x8000, 0x10000000
made = [
    libc.syscall(calls["clone"], signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(calls["clone"], CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(calls["clone"], CLONE_NEWUSER | signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(calls["clone3"], ctypes.create_string_buffer(88), 88),
]
if "fork" in calls:
    made.append(libc.syscall(calls["fork"]))
if 0 in made:
    os._exit(0)
result = "escaped" if any(pid > 0 for pid in made) else "stopped"
