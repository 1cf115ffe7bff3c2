# attack: lock memory so that the machine can't take it back
# expect: stopped
# control: no, it might work
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
block = ctypes.create_string_buffer(1 << 20)
answers = [libc.mlock(block, len(block)), libc.mlockall(3)]
result = "escaped" if 0 in answers else "stopped"
