import feedparser

result = None
seen, news = get_var("seen", []), []
for url in get_param("feeds"):
    answer = http_get(url, timeout=20)
    if answer.ok:
        news += [entry for entry in feedparser.parse(answer.content).entries if entry.link not in seen]
    else:
        log(url, f"HTTP {answer.status_code}")
news = news[:30]
if news:
    articles = [f"{entry.title}\n{entry.link}\n{entry.get('summary', '')[:1000]}" for entry in news]
    result = {
        "title": get_param("title"),
        "content": ai("\n\n".join(articles), system=get_param("instructions")),
    }
    set_var("seen", [*seen, *(entry.link for entry in news)][-300:])
