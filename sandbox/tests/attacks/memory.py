# attack: fill the memory with one block
# expect: memory_limit
# control: no, it would take the machine
blocks = []
while True:
    blocks.append(bytearray(1 << 24))
