"""What everybody may read: weather, feed, products, rankings, a page in GBK, files."""

from __future__ import annotations

import struct
import zlib
from itertools import cycle, islice

from testing.servers.site.message import Reply, Request, in_json, page
from testing.servers.site.state import Answer, State

_WEATHER = {
    "上海": ("多云", 12, 18, 64),
    "北京": ("晴", 3, 14, 41),
    "哈尔滨": ("小雪", -9, -2, 92),
}
_PRICES = {"1001": ("机械键盘 87 键", 329.0), "1002": ("显示器支架", 89.5), "1003": ("USB-C 线 2 米", 25.0)}
_HEADLINES = (
    "国产大飞机完成首次跨洋飞行",
    "Python 3.15 发布",
    "今年冬天可能偏暖",
    "高铁 <新> 线路开通 & 票价公布",
    "早睡一小时",
)
_FILE = bytes(islice(cycle(range(251)), 300_000))


def _weather(state: State, request: Request) -> Reply:
    city = request.query.get("city", "上海")
    if city not in _WEATHER:
        return in_json({"status": 1002, "desc": "invalid city"})
    kind, low, high, air = _WEATHER[city]
    today = {"type": kind, "low": low, "high": high, "aqi": air, "wind": "东北风 3 级"}
    coming = [{"day": day, "low": low - day, "high": high + day, "type": kind} for day in range(1, 4)]
    return in_json({"status": 1000, "desc": "OK", "data": {"city": city, "today": today, "forecast": coming}})


def _weather_text(state: State, request: Request) -> Reply:
    return Reply("上海: ⛅ +15°C 湿度 62%\n".encode(), "text/plain; charset=utf-8")


def _feed(state: State, request: Request) -> Reply:
    items = "".join(
        f"<item><title>{_escaped(title)}</title><link>http://news.example/{number}</link><guid>n-{number}</guid>"
        f"<pubDate>Mon, 0{number} Mar 2027 08:00:00 GMT</pubDate><description>第 {number} 条</description></item>"
        for number, title in enumerate(_HEADLINES, start=1)
    )
    head = "<title>每日新闻</title><link>http://news.example/</link><description>测试</description>"
    rss = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'
    return Reply(rss.encode(), "application/rss+xml; charset=utf-8")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _product(state: State, request: Request) -> Reply:
    name, price = _PRICES.get(request.path.rpartition("/")[2], ("已下架", 0.0))
    return page(
        f"<html><head><title>{name} - 好物商城</title></head><body><div id='detail'><h1 class='name'> {name} </h1>"
        f"<p class='price'>￥<em>{price:.2f}</em></p><ul class='tags'><li>包邮</li>"
        "<li>七天退换</li></ul></div></body></html>"
    )


def _trending(state: State, request: Request) -> Reply:
    repositories = (
        ("acme/rocket", "Rust", 1520),
        ("li/notebook", "Python", 870),
        ("zhao/tiny-ui", "TypeScript", 640),
    )
    rows = "".join(
        f"<article class='row'><h2><a href='/{name}'>\n {name.replace('/', ' / ')}\n</a></h2>"
        f"<span itemprop='language'>{language}</span><span class='stars'>{stars:,} stars today</span></article>"
        for name, language, stars in repositories
    )
    return page(f"<html><body>{rows}</body></html>")


def _table(state: State, request: Request) -> Reply:
    rows = (
        ("2027-03-01", "7.1832", "7.8011"),
        ("2027-03-02", "7.1790", "7.7950"),
        ("2027-03-03", "7.1911", "7.8123"),
    )
    cells = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>\n" for row in rows)
    return page(f"<table id='rates'><tr><th>日期</th><th>美元</th><th>欧元</th></tr>\n{cells}</table>")


def _hot(state: State, request: Request) -> Reply:
    items = [
        {"rank": rank, "title": title, "heat": 900_000 // rank}
        for rank, title in enumerate(_HEADLINES, start=1)
    ]
    return in_json({"ok": 1, "data": {"realtime": items}})


def _gbk(state: State, request: Request) -> Reply:
    """Answer with a page that names its encoding only in its text, as old sites do."""
    head = "<head><meta charset='gbk'><title>中文小说网</title></head>"
    text = f"<html>{head}<body><h1>第一章　风起</h1><p>话说天下大势。</p></body></html>"
    return Reply(text.encode("gbk"), "text/html")


def _file(state: State, request: Request) -> Reply:
    return Reply(_FILE, "application/octet-stream")


def _picture(state: State, request: Request) -> Reply:
    return Reply(_png(40, 24), "image/png")


def _png(width: int, height: int) -> bytes:
    """Return a picture of one colour."""
    rows = (b"\0" + b"\x30\x90\xe0" * width) * height
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _video(state: State, request: Request) -> Reply:
    name = request.path.rpartition("/")[2]
    if name == "index.m3u8":
        lines = ["#EXTM3U", *(f"#EXTINF:4.0,\nseg{number}.ts" for number in range(6)), "#EXT-X-ENDLIST"]
        return Reply("\n".join(lines).encode(), "application/vnd.apple.mpegurl")
    return Reply(name.encode() * 2000, "video/mp2t")


ROUTES: dict[str, Answer] = {
    "/weather": _weather,
    "/weather.txt": _weather_text,
    "/feed.xml": _feed,
    "/product/": _product,
    "/trending": _trending,
    "/rates": _table,
    "/hot": _hot,
    "/gbk": _gbk,
    "/file.bin": _file,
    "/logo.png": _picture,
    "/video/": _video,
}
