# 热搜榜推送到钉钉机器人（加签）
import base64
import hashlib
import hmac
import os
import time
import urllib.parse
import requests

SECRET = os.environ["DD_BOT_SECRET"]
WEBHOOK = "http://site.example/robot/send?access_token=abc"


def sign():
    timestamp = str(round(time.time() * 1000))
    string_to_sign = "{}\n{}".format(timestamp, SECRET)
    code = hmac.new(SECRET.encode("utf-8"), string_to_sign.encode("utf-8"), digestmod=hashlib.sha256).digest()
    return timestamp, urllib.parse.quote_plus(base64.b64encode(code))


def send(title, text):
    timestamp, s = sign()
    body = {"msgtype": "markdown", "markdown": {"title": title, "text": text}}
    return requests.post(f"{WEBHOOK}&timestamp={timestamp}&sign={s}", json=body).json()


hot = requests.get("http://site.example/hot").json()["data"]["realtime"]
text = "## 今日热搜\n" + "\n".join(f"{h['rank']}. {h['title']}　🔥{h['heat'] / 10000:.1f}万" for h in hot)
print(text)
print(send("今日热搜", text))
SECRET = "wrong"
print(send("今日热搜", text)["errcode"])
