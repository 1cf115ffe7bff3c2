# attack: write to a file of the host
# expect: stopped
# control: yes
try:
    with open(get_param("canary"), "w") as file:
        file.write("mine")
    result = "escaped"
except OSError as error:
    result = f"stopped: {error}"
