# attack: change the permissions of a file of the standard library through its open descriptor
# expect: stopped
# control: no, it would change the interpreter
import os

with open(os.__file__) as file:
    before = os.fstat(file.fileno()).st_mode
    try:
        os.fchmod(file.fileno(), 0o600)
        result = "escaped" if os.fstat(file.fileno()).st_mode != before else "stopped: nothing changed"
    except OSError as error:
        result = f"stopped: {error}"
