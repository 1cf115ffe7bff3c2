# attack: read a file of the host that everybody may read
# expect: stopped
# control: yes
try:
    with open(get_param("canary")) as file:
        result = f"escaped: {file.read()}"
except OSError as error:
    result = f"stopped: {error}"
