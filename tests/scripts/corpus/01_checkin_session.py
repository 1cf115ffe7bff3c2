# -*- coding: utf-8 -*-
'''
cron: 10 8 * * *
new Env('好物商城签到');
'''
import requests
import json
import time

HOST = "http://site.example"
USERNAME = "zhangsan"
PASSWORD = "zs-123456"

session = requests.Session()
session.headers.update({
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15",
    "Referer": HOST + "/",
})


def login():
    r = session.post(HOST + "/login", data={"username": USERNAME, "password": PASSWORD}, timeout=10)
    res = r.json()
    if res["code"] != 0:
        print("登录失败：" + res["msg"])
        return False
    print("登录成功，欢迎你", res["data"]["nickname"])
    return True


def sign():
    r = session.post(f"{HOST}/sign", timeout=10)
    res = json.loads(r.text)
    if res["code"] == 0:
        print(f"✅ {res['msg']}，获得 {res['data']['points']} 积分，已连续签到 {res['data']['days']} 天")
    else:
        print(f"⚠️ {res['msg']}")


if __name__ == "__main__":
    print("==== 开始", time.strftime("%Y-%m-%d %H:%M:%S"), "====")
    if login():
        sign()
        time.sleep(0.2)
        sign()
    print("cookies:", list(session.cookies.keys()))
    print("==== 结束 ====")
