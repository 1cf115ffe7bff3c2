# attack: fill the disk with many files
# expect: disk_limit
# control: no, it would take the machine
for number in range(100_000):
    with open(f"f{number}", "wb") as file:
        file.write(b"x" * (1 << 20))
