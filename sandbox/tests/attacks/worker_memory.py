# attack: open the worker's memory
# expect: stopped
# control: no, Yama stops it on many hosts
try:
    with open(f"/proc/{get_param('worker')}/mem", "rb"):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
