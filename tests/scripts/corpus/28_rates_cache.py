# 汇率，缓存一小时，避免频繁请求
import json
import os
import time
from functools import lru_cache
from pathlib import Path
import requests
from bs4 import BeautifulSoup

CACHE = Path("cache") / "rates.json"
hits = 0


def download():
    global hits
    hits += 1
    soup = BeautifulSoup(requests.get("http://site.example/rates").text, "html.parser")
    rows = [[c.get_text() for c in tr.find_all(["th", "td"])] for tr in soup.find("table", id="rates").find_all("tr")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def rates():
    if CACHE.is_file() and time.time() - CACHE.stat().st_mtime < 3600:
        return json.loads(CACHE.read_text(encoding="utf-8"))
    data = download()
    CACHE.parent.mkdir(exist_ok=True)
    tmp = CACHE.with_suffix(".tmp")
    tmp.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    os.replace(tmp, CACHE)
    return data


@lru_cache(maxsize=None)
def latest(currency):
    return float(rates()[-1][currency])


for money in (100, 2500):
    print(f"{money} 美元 = {money * latest('美元'):.2f} 元, {money} 欧元 = {money * latest('欧元'):.2f} 元")
rates()
print("实际请求次数：", hits, latest.cache_info())
