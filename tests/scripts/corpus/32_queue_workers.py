# 生产者消费者：线程 + 队列 + 锁
import queue
import threading
import requests

q = queue.Queue()
lock = threading.Lock()
done = {}


def worker():
    s = requests.Session()
    while True:
        try:
            pid = q.get_nowait()
        except queue.Empty:
            return
        try:
            html = s.get(f"http://site.example/product/{pid}").text
            with lock:
                done[pid] = html.split("<title>")[1].split("</title>")[0]
        finally:
            q.task_done()


for pid in list(range(1001, 1011)):
    q.put(pid)
threads = [threading.Thread(target=worker, name=f"w{i}", daemon=True) for i in range(4)]
for t in threads:
    t.start()
q.join()
for t in threads:
    t.join()
for pid in sorted(done):
    print(pid, done[pid])
print("剩余", q.qsize(), "线程还在", any(t.is_alive() for t in threads))
