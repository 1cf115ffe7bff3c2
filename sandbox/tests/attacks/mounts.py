# attack: mount, unmount, change the root
# expect: stopped
# control: no, needs root
# calls: fsopen open_tree move_mount pivot_root mount_setattr
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
calls = get_param("calls")
answers = [
    libc.mount(b"tmpfs", b".", b"tmpfs", 0, None),
    libc.mount(b"proc", b".", b"proc", 0, None),
    libc.mount(None, b"/", None, 32 | 4096, None),
    libc.umount2(b"/box/work", 2),
    libc.chroot(b"."),
    libc.syscall(calls["fsopen"], b"tmpfs", 0),
    libc.syscall(calls["open_tree"], -100, b"/", 1),
    libc.syscall(calls["move_mount"], -100, b".", -100, b"/", 0),
    libc.syscall(calls["pivot_root"], b".", b"."),
    libc.syscall(calls["mount_setattr"], -100, b"/", 0, None, 0),
]
result = "escaped" if any(answer >= 0 for answer in answers) else "stopped"
