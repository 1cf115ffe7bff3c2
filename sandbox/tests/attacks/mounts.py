# attack: mount, unmount, change the root
# expect: stopped
# control: no, needs root
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
FSOPEN, OPEN_TREE, MOVE_MOUNT, PIVOT_ROOT, MOUNT_SETATTR = 430, 428, 429, 155, 442
answers = [
    libc.mount(b"tmpfs", b".", b"tmpfs", 0, None),
    libc.mount(b"proc", b".", b"proc", 0, None),
    libc.mount(None, b"/", None, 32 | 4096, None),
    libc.umount2(b"/box/work", 2),
    libc.chroot(b"."),
    libc.syscall(FSOPEN, b"tmpfs", 0),
    libc.syscall(OPEN_TREE, -100, b"/", 1),
    libc.syscall(MOVE_MOUNT, -100, b".", -100, b"/", 0),
    libc.syscall(PIVOT_ROOT, b".", b"."),
    libc.syscall(MOUNT_SETATTR, -100, b"/", 0, None, 0),
]
result = "escaped" if any(answer >= 0 for answer in answers) else "stopped"
