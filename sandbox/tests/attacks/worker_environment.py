# attack: read the worker's environment
# expect: stopped
# control: yes
try:
    with open(f"/proc/{get_param('worker')}/environ", "rb") as file:
        result = f"escaped: {len(file.read())} bytes"
except OSError as error:
    result = f"stopped: {error}"
