# attack: become a program that the script wrote itself
# expect: stopped
# control: no, it would leave without a result
import os

with open("program", "w") as file:
    file.write("#!/bin/sh\necho mine\n")
os.chmod("program", 0o700)
try:
    os.execv("./program", ["program"])
except OSError as error:
    result = f"stopped: {error}"
