# attack: read the platform's own code
# expect: stopped
# control: yes
try:
    with open(get_param("package")) as file:
        result = f"escaped: {file.readline()}"
except OSError as error:
    result = f"stopped: {error}"
