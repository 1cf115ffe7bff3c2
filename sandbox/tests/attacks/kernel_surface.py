# attack: reach the parts of the kernel where holes are found most often
# expect: stopped
# control: no, each needs arguments of its own
# calls: io_uring_setup io_uring_enter io_uring_register bpf userfaultfd perf_event_open keyctl add_key request_key
# calls: init_module finit_module kexec_load reboot swapon acct personality syslog quotactl fanotify_init kcmp
# calls: pidfd_getfd process_madvise memfd_secret vmsplice splice tee timer_create timerfd_create signalfd4 seccomp
# calls: landlock_create_ruleset migrate_pages move_pages mbind set_mempolicy sethostname settimeofday clock_settime
# calls: adjtimex
# calls x86_64: iopl ioperm modify_ldt
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
EPERM, ENOSYS = 1, 38
NEWER = {"cachestat": 451, "map_shadow_stack": 453, "nonsense": 999}  # the same on every machine
reached = []
for name, number in (get_param("calls") | NEWER).items():
    ctypes.set_errno(0)
    if libc.syscall(number, 0, 0, 0, 0, 0, 0) >= 0 or ctypes.get_errno() not in (EPERM, ENOSYS):
        reached.append(name)
result = f"escaped: {reached}" if reached else "stopped"
