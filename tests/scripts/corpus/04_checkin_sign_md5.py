"""
APP 签到（参数签名）
抓包得到 salt，sign = md5(按键名排序的参数 + salt)
"""
import hashlib
import time
import uuid
from urllib.parse import urlencode

import requests

API = "http://site.example/app/checkin"
SALT = "9f3c-salt"


def md5(s: str) -> str:
    return hashlib.md5(s.encode("utf-8")).hexdigest()


def signed(params: dict) -> dict:
    raw = "&".join("{}={}".format(k, params[k]) for k in sorted(params))
    params["sign"] = md5(raw + SALT)
    return params


def checkin(uid):
    params = signed({"uid": uid, "ts": int(time.time() * 1000), "nonce": uuid.uuid4().hex[:8]})
    return requests.get(API + "?" + urlencode(params), timeout=(3.05, 10)).json()


total = 0
for uid in ("10086", "10010"):
    data = checkin(uid)
    if data["ret"] == 0:
        total += data["coins"]
        print("用户%s 签到成功 +%d 金币，连续 %d 天" % (uid, data["coins"], data["streak"]))
    else:
        print("用户%s 签到失败：%s" % (uid, data["msg"]))
print("合计金币：%d" % total)

bad = requests.get(API, params={"uid": "1", "sign": "0" * 32})
print("错误签名返回：", bad.status_code, bad.json()["msg"])
