# attack: find a capability left over
# expect: stopped
# control: no, depends on who runs it
import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
CAPGET = 125
header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0), 8)
sets = ctypes.create_string_buffer(24)
libc.syscall(CAPGET, header, sets)
held = struct.unpack("6I", sets.raw)
result = f"escaped: {held}" if any(held) else "stopped"
