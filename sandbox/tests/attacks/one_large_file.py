# attack: one file beyond the limit
# expect: disk_limit
# control: no, it would take the machine
with open("large", "wb") as file:
    while True:
        file.write(b"x" * (1 << 20))
