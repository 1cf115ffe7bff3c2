# attack: leave shared memory, a queue and semaphores behind that outlive the script
# expect: stopped
# control: no, they would stay
# calls: mq_open
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
made = [libc.shmget(0, 4096, 0o1600), libc.msgget(0, 0o1600), libc.semget(0, 1, 0o1600)]
made.append(libc.syscall(get_param("calls")["mq_open"], b"mine", 0o102, 0o600, None))
result = f"escaped: {made}" if any(number >= 0 for number in made) else "stopped"
