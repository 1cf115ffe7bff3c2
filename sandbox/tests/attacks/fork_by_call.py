# attack: fork by the raw system calls
# expect: stopped
# control: no, a raw clone3 is easily got wrong
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
CLONE, CLONE3, VFORK = 56, 435, 58
CLONE_PARENT, CLONE_VM = 0x8000, 0x100
made = [
    libc.syscall(CLONE, signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(CLONE, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(CLONE, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0),
    libc.syscall(CLONE3, ctypes.create_string_buffer(88), 88),
]
if 0 in made:
    os._exit(0)
result = "escaped" if any(pid > 0 for pid in made) else "stopped"
