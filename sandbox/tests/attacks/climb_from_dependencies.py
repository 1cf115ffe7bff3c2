# attack: climb to the worker's own files from the directory of the dependencies, which may be held open for the script
# expect: stopped
# control: yes
import os
import sys

found = []
for start in (
    get_param("dependencies"),
    *sys.path,
    *(f"/proc/self/fd/{number}" for number in range(3, 1024)),
):
    try:
        found += os.listdir(f"{start}/../..")
    except OSError:
        pass
    try:
        found.append(open(f"{start}/../../key").read())
    except OSError:
        pass
result = f"escaped: {found}" if found else "stopped"
