# attack: lock files that every script shares, by flock and by lease
# expect: stopped
# control: yes
import fcntl
import os
import struct

F_OFD_SETLK = 37

taken = []
with open(os.__file__) as file, open(os.__file__) as other:
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # the first was really locked
        taken.append("flock")
    for name, lock in (
        (
            "open file",
            lambda: fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0)),
        ),
        ("lease", lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)),
        ("notice", lambda: fcntl.fcntl(file, fcntl.F_NOTIFY, 1)),
    ):
        try:
            lock()
            taken.append(name)
        except OSError:
            continue
result = f"escaped: {taken}" if taken else "stopped"
