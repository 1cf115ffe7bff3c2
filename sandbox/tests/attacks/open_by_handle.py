# attack: open a file by its handle, past every path rule
# expect: stopped
# control: no, needs capabilities
# calls: name_to_handle_at open_by_handle_at
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = ctypes.create_string_buffer(b"\x40\0\0\0", 136)
mount_id = ctypes.c_int()
AT_FDCWD = -100
calls = get_param("calls")
named = libc.syscall(calls["name_to_handle_at"], AT_FDCWD, b"/", handle, ctypes.byref(mount_id), 0)
opened = libc.syscall(calls["open_by_handle_at"], AT_FDCWD, handle, 0)
result = "escaped" if named == 0 or opened >= 0 else f"stopped: errno {ctypes.get_errno()}"
