# attack: empty a file of the host, and one of the interpreter's, by opening it to be read
# expect: stopped
# control: no, it would change the interpreter
import os

escaped = []
for path in (get_param("canary"), os.__file__):
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_TRUNC))
        escaped.append(path)
    except OSError:
        pass
result = f"escaped: {escaped}" if escaped else "stopped"
