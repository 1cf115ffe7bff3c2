# attack: lock files that every script shares, by flock, by record and by lease
# expect: stopped
# control: yes
import fcntl
import os

taken = []
with open(os.__file__) as file:
    for name, lock in (
        ("flock", lambda: fcntl.flock(file, fcntl.LOCK_SH)),
        ("record", lambda: fcntl.lockf(file, fcntl.LOCK_SH)),
        ("lease", lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)),
        ("notice", lambda: fcntl.fcntl(file, fcntl.F_NOTIFY, 1)),
    ):
        try:
            lock()
            taken.append(name)
        except OSError:
            continue
result = f"escaped: {taken}" if taken else "stopped"
