# 网站存活监控
import requests
import time
from datetime import datetime

SITES = [
    ("首页", "http://site.example/hot"),
    ("商品页", "http://site.example/product/1001"),
    ("后台", "http://site.example/status/500"),
    ("旧地址", "http://site.example/not-here"),
]
down = []
for name, url in SITES:
    begin = time.time()
    try:
        resp = requests.get(url, timeout=5)
        cost = time.time() - begin
        state = "正常" if resp.ok else f"异常({resp.status_code} {resp.reason})"
    except requests.exceptions.RequestException as e:
        cost, state = time.time() - begin, f"无法访问({type(e).__name__})"
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} {name} {state} 耗时 {cost:.3f}秒")
    if state != "正常":
        down.append(name)
print("异常站点:", "、".join(down) or "无")
result = {"title": f"{len(down)} 个站点异常" if down else "全部正常", "content": "\n".join(f"- {d}" for d in down)}
