# attack: signal the worker by the less known calls
# expect: stopped
# control: no, it might work
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_SEND_SIGNAL, TGKILL, TKILL, RT_SIGQUEUEINFO = 434, 424, 234, 200, 129
worker, parent = get_param("worker"), os.getppid()
answers = []
for pid in (worker, parent):
    answers += [
        libc.syscall(PIDFD_OPEN, pid, 0),
        libc.syscall(PIDFD_SEND_SIGNAL, 3, signal.SIGURG, None, 0),
        libc.syscall(TGKILL, pid, pid, signal.SIGURG),
        libc.syscall(TKILL, pid, signal.SIGURG),
        libc.syscall(RT_SIGQUEUEINFO, pid, signal.SIGURG, ctypes.create_string_buffer(128)),
    ]
result = "escaped" if any(answer >= 0 for answer in answers) else "stopped"
