from multiprocessing.dummy import Pool as ThreadPool
from multiprocessing.pool import ThreadPool as TP
import threading
import time

local = threading.local()
count_lock = threading.RLock()
count = 0


def work(n):
    global count
    local.value = n * n
    time.sleep(0.005)
    with count_lock:
        count += 1
    return n, local.value


pool = ThreadPool(4)
print(pool.map(work, range(8)))
pool.close()
pool.join()
with TP(3) as p:
    print(sorted(p.imap_unordered(work, [10, 20, 30])))
    print(p.apply_async(work, (7,)).get(timeout=10))
print("次数", count)
event = threading.Event()
timer = threading.Timer(0.01, event.set)
timer.start()
print("等到", event.wait(10))
