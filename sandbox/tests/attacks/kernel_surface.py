# attack: reach the parts of the kernel where holes are found most often
# expect: stopped
# control: no, each needs arguments of its own
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
EPERM, ENOSYS = 1, 38
CALLS = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "bpf": 321, "userfaultfd": 323,
    "perf_event_open": 298, "keyctl": 250, "add_key": 248, "request_key": 249, "init_module": 175,
    "finit_module": 313, "kexec_load": 246, "reboot": 169, "swapon": 167, "acct": 163, "iopl": 172, "ioperm": 173,
    "modify_ldt": 154, "personality": 135, "syslog": 103, "quotactl": 179, "fanotify_init": 300, "kcmp": 312,
    "pidfd_getfd": 438, "process_madvise": 440, "memfd_secret": 447, "vmsplice": 278, "splice": 275, "tee": 276,
    "timer_create": 222, "timerfd_create": 283, "signalfd4": 289, "seccomp": 317, "landlock_create_ruleset": 444,
    "migrate_pages": 256, "move_pages": 279, "mbind": 237, "set_mempolicy": 238, "sethostname": 170,
    "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "cachestat": 451, "map_shadow_stack": 453,
    "nonsense": 999,
}  # fmt: skip
reached = []
for name, number in CALLS.items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (EPERM, ENOSYS):
        reached.append(name)
result = f"escaped: {reached}" if reached else "stopped"
