# attack: start a program, by the usual module with its own function, in whose place one stands that refuses in words
# expect: stopped
# control: yes
import sys

for name in ("_posixsubprocess", "subprocess"):
    sys.modules.pop(name, None)
import subprocess  # noqa: E402  the fresh one

try:
    subprocess.run(["/bin/true"], check=True)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
