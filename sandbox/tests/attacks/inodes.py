# attack: fill the disk with empty files
# expect: disk_limit | cpu_limit
# control: no, it would take the machine
number = 0
while True:
    open(f"f{number}", "w").close()
    number += 1
