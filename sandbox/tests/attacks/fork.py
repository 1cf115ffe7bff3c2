# attack: fork, by the C library: Python's own function only refuses in words
# expect: stopped
# control: yes
import ctypes
import os

pid = ctypes.CDLL(None).fork()
if pid == 0:
    os._exit(0)
result = "escaped" if pid > 0 else "stopped"
