# attack: plant a module for the next script in the standard library
# expect: stopped
# control: no, it would change the interpreter
import os

try:
    with open(os.path.join(os.path.dirname(os.__file__), "planted.py"), "w"):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
