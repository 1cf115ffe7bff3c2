# attack: find a capability left over
# expect: stopped
# control: no, depends on who runs it
# calls: capget
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0), 8)
sets = ctypes.create_string_buffer(24)
assert libc.syscall(get_param("calls")["capget"], header, sets) == 0
held = struct.unpack("6I", sets.raw)
result = f"escaped: {held}" if any(held) else "stopped"
