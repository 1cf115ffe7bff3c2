# attack: fill the memory with small objects and hide every MemoryError
# expect: memory_limit | cpu_limit
# control: no, it would take the machine
pieces = []
while True:
    try:
        pieces.append([None] * 4096)
    except MemoryError:
        continue
