# 批量检查商品，30 个线程
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import requests


def check(pid):
    r = requests.get(f"http://site.example/product/{pid}", timeout=20)
    return r.status_code, "已下架" in r.text


with ThreadPoolExecutor(max_workers=30) as pool:
    counts = Counter(pool.map(check, range(1001, 1151)))
for (status, gone), n in sorted(counts.items()):
    print(status, "已下架" if gone else "在售", n)
