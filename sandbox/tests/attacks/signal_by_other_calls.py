# attack: signal the worker by the less known calls
# expect: stopped
# control: no, it might work
# calls: pidfd_open pidfd_send_signal tgkill tkill rt_sigqueueinfo
import ctypes
import os
import signal

libc = ctypes.CDLL(None, use_errno=True)
calls = get_param("calls")
worker, parent = get_param("worker"), os.getppid()
answers = []
for pid in (worker, parent):
    answers += [
        libc.syscall(calls["pidfd_open"], pid, 0),
        libc.syscall(calls["pidfd_send_signal"], 3, signal.SIGURG, None, 0),
        libc.syscall(calls["tgkill"], pid, pid, signal.SIGURG),
        libc.syscall(calls["tkill"], pid, signal.SIGURG),
        libc.syscall(calls["rt_sigqueueinfo"], pid, signal.SIGURG, ctypes.create_string_buffer(128)),
    ]
result = "escaped" if any(answer >= 0 for answer in answers) else "stopped"
