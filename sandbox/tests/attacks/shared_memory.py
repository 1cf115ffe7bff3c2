# attack: fill the memory with shared mappings, which some counts leave out
# expect: memory_limit
# control: no, it would take the machine
import mmap

maps = []
while True:
    block = mmap.mmap(-1, 1 << 24)
    block.write(b"x" * (1 << 24))
    maps.append(block)
