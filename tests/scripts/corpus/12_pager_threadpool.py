# 多线程拉取订单，按城市汇总
from concurrent.futures import ThreadPoolExecutor, as_completed
from collections import defaultdict
import requests

API = "http://site.example/api/orders"


def get_page(page, size=10):
    resp = requests.get(API, params={"page": page, "size": size}, timeout=10)
    resp.raise_for_status()
    return page, resp.json()


_, first = get_page(1)
pages = -(-first["total"] // 10)
print("总数", first["total"], "页数", pages)
rows = list(first["items"])
with ThreadPoolExecutor(max_workers=4) as pool:
    futures = {pool.submit(get_page, n): n for n in range(2, pages + 1)}
    for future in as_completed(futures):
        page, data = future.result()
        rows.extend(data["items"])

summary = defaultdict(lambda: [0, 0.0])
for r in rows:
    if r["status"] != "paid":
        continue
    summary[r["city"]][0] += 1
    summary[r["city"]][1] += r["amount"]
for city, (count, amount) in sorted(summary.items(), key=lambda kv: -kv[1][1]):
    print(f"{city}\t{count} 单\t{amount:,.2f} 元")
assert len({r["id"] for r in rows}) == 47
