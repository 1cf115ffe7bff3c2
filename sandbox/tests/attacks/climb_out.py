# attack: climb out of the work dir by dots
# expect: stopped
# control: yes
try:
    with open("../" * 40 + "etc/passwd") as file:
        result = f"escaped: {file.readline()}"
except OSError as error:
    result = f"stopped: {error}"
