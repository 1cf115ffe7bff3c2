import os
import requests

# cookie 从浏览器 F12 复制；多个用 & 或换行分开
cookies = os.getenv("SITE_COOKIE", "").replace("&", "\n").split("\n")
url = "http://site.example/user"


def to_dict(cookie):
    return dict(item.strip().split("=", 1) for item in cookie.split(";") if "=" in item)


for n, ck in enumerate(cookies):
    print(f"--- 第 {n + 1} 个 cookie ---")
    print("包含字段：", ", ".join(sorted(to_dict(ck))))
    resp = requests.get(url, headers={"Cookie": ck, "User-Agent": "Mozilla/5.0"})
    resp.encoding = "utf-8"
    if "登录" in resp.text:
        print("cookie 已失效，请重新获取")
    else:
        print("有效")
    print(resp.status_code, resp.headers["Content-Type"])
