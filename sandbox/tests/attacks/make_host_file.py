# attack: make a file beside one of the host's
# expect: stopped
# control: yes
try:
    with open(get_param("canary") + ".made", "x"):
        result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
