#!/usr/bin/python3
# RSS 新文章提醒：看过的记在 rss.db，第二次运行不再提醒
import sqlite3
import xml.etree.ElementTree as ET

import requests

DB = "rss.db"
FEED = "http://site.example/feed.xml"


def init():
    conn = sqlite3.connect(DB)
    conn.execute("CREATE TABLE IF NOT EXISTS seen (guid TEXT PRIMARY KEY, title TEXT, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)")
    conn.commit()
    return conn


def new_items(conn):
    root = ET.fromstring(requests.get(FEED).content)
    for item in root.iter("item"):
        guid, title = item.findtext("guid"), item.findtext("title")
        cur = conn.execute("INSERT OR IGNORE INTO seen (guid, title) VALUES (?, ?)", (guid, title))
        if cur.rowcount:
            yield title, item.findtext("link")
    conn.commit()


conn = init()
for turn in (1, 2):
    items = list(new_items(conn))
    print(f"第 {turn} 次：{len(items)} 条新文章")
    for title, link in items:
        print(" *", title, link)
print("库中共", conn.execute("select count(*) from seen").fetchone()[0], "条")
conn.close()
