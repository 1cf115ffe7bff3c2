# attack: become a program that the script wrote itself
# expect: stopped
# control: no, it would leave without a result
import ctypes
import os

with open("program", "w") as file:
    file.write("#!/bin/sh\necho mine\n")
os.chmod("program", 0o700)
libc = ctypes.CDLL(None, use_errno=True)
libc.execv(b"./program", (ctypes.c_char_p * 2)(b"program"))
result = f"stopped: {os.strerror(ctypes.get_errno())}"
