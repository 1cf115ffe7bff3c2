result = None
down, news = get_var("down", {}), []
for url in get_param("urls"):
    try:
        answer = http_get(url, timeout=10)
        problem = "" if answer.ok else f"HTTP {answer.status_code} {answer.reason}"
        log(url, problem or f"{answer.elapsed.total_seconds():.2f} s")
    except Exception as error:
        problem = str(error)
        log(url, problem)
    if problem and url not in down:
        news.append(f"- ❌ {url}: {problem}")
    if not problem and url in down:
        news.append(f"- ✅ {url}")
    down = {**down, url: problem} if problem else {key: value for key, value in down.items() if key != url}
set_var("down", down)
if news:
    result = {"title": get_param("title"), "content": "\n".join(news)}
