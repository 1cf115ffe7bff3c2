# 价格监控 - BeautifulSoup
import requests
from bs4 import BeautifulSoup

watch_list = [
    {"id": 1001, "target": 350},
    {"id": 1002, "target": 80},
    {"id": 1003, "target": 25},
    {"id": 9999, "target": 1},
]
headers = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0", "Accept-Language": "zh-CN,zh;q=0.9"}
hits = []
for w in watch_list:
    html = requests.get("http://site.example/product/%s" % w["id"], headers=headers, timeout=10).text
    soup = BeautifulSoup(html, "html.parser")
    name = soup.select_one("#detail h1.name").get_text(strip=True)
    price = float(soup.find("p", class_="price").em.string)
    tags = [li.text for li in soup.select("ul.tags > li")]
    if price == 0:
        print("跳过", name)
        continue
    mark = "↓" if price <= w["target"] else " "
    print(f"{mark} {name:<12} {price:>8.2f} 目标 {w['target']} {'/'.join(tags)}")
    if price <= w["target"]:
        hits.append(name)
if hits:
    notify("降价提醒：" + "、".join(hits))
result = {"title": "价格监控", "hits": hits}
