# attack: open a file by its handle, past every path rule
# expect: stopped
# control: no, needs capabilities
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(b"\x40\0\0\0", 136)
mount_id = ctypes.c_int()
NAME_TO_HANDLE_AT, OPEN_BY_HANDLE_AT, AT_FDCWD = 303, 304, -100
named = libc.syscall(NAME_TO_HANDLE_AT, AT_FDCWD, b"/", handle, ctypes.byref(mount_id), 0)
opened = libc.syscall(OPEN_BY_HANDLE_AT, AT_FDCWD, handle, 0)
result = "escaped" if named == 0 or opened >= 0 else f"stopped: errno {ctypes.get_errno()}"
