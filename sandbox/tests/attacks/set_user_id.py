# attack: raise its privileges by a set-user-id program
# expect: stopped
# control: no, needs the machine's password
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
stopped = []
for path in (b"/usr/bin/su", b"/usr/bin/sudo", b"/bin/mount"):
    libc.execv(path, (ctypes.c_char_p * 2)(path))
    stopped.append(os.strerror(ctypes.get_errno()))
result = f"stopped: {stopped}"
