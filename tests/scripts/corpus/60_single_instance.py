# 防止重复运行：文件锁
import fcntl
import os
import sys

LOCK = "/tmp/daily_sync.lock"
f = open(LOCK, "w")
try:
    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("已经有一个在运行了")
    sys.exit(0)
f.write("locked")
f.flush()
print("拿到锁", os.path.basename(LOCK), os.stat(LOCK).st_size)
try:
    print("干活中……")
finally:
    fcntl.flock(f, fcntl.LOCK_UN)
    f.close()
    os.remove(LOCK)
print("释放锁", os.path.exists(LOCK))
