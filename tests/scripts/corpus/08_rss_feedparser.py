import feedparser
from datetime import datetime
from time import mktime

FEEDS = {"每日新闻": "http://site.example/feed.xml"}

for name, url in FEEDS.items():
    feed = feedparser.parse(url)
    print(f"# {name} ({feed.feed.title}, 共 {len(feed.entries)} 条, bozo={feed.bozo})")
    for i, e in enumerate(feed.entries[:3], 1):
        when = datetime.fromtimestamp(mktime(e.published_parsed))
        print(f"{i}. [{e.title}]({e.link}) {when:%m-%d %H:%M}")
    print("status:", feed.status)
