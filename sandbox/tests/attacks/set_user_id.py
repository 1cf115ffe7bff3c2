# attack: raise its privileges by a set-user-id program
# expect: stopped
# control: no, needs the machine's password
import os

stopped = []
for path in ("/usr/bin/su", "/usr/bin/sudo", "/bin/mount"):
    try:
        os.execv(path, [path])
    except OSError as error:
        stopped.append(str(error))
result = f"stopped: {stopped}"
