# attack: watch a file of the host by inotify
# expect: stopped
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
watcher = libc.inotify_init1(0)
watched = libc.inotify_add_watch(watcher, get_param("canary").encode(), 1)
result = "escaped" if watched >= 0 else f"stopped: errno {ctypes.get_errno()}"
