# attack: system calls by the 32-bit gate, whose numbers mean other calls
# expect: script_error
# control: no, not every kernel has the gate
# machine: x86_64
import ctypes
import mmap

GETPID_BY_INT80 = bytes.fromhex("b814000000cd80c3")
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(GETPID_BY_INT80)
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
result = f"escaped: {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"
