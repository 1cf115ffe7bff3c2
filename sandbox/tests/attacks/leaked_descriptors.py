# attack: find an open file or socket beside the five that a script has, and what is held open for it to read
# expect: stopped
# control: no, there is nothing to compare with
import os
import socket


def is_held(number):
    held = (get_param("dependencies"), get_param("zones"), get_param("certificates"))
    return os.path.isdir("/proc/self/fd") and os.readlink(f"/proc/self/fd/{number}") in held


found = []
for number in range(5, 1024):
    try:
        os.fstat(number)
    except OSError:
        continue
    if not is_held(number):
        found.append(number)
standard = {os.fstat(number).st_rdev for number in (0, 1, 2)}
with socket.socket(fileno=os.dup(3)) as connection:
    is_pair = connection.family == socket.AF_UNIX and not connection.getsockname()
result = "stopped" if not found and len(standard) == 1 and is_pair else f"escaped: {found}"
