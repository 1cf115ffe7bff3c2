# attack: start a program, by exec and by the usual module
# expect: stopped
# control: yes
import subprocess

try:
    subprocess.run(["/bin/true"], check=True)
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
