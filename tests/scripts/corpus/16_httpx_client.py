import httpx

requests_made = []


def remember(response):
    requests_made.append((response.request.method, response.url.path, response.status_code))


with httpx.Client(base_url="http://site.example", event_hooks={"response": [remember]}) as client:
    r = client.post("/login", data={"username": "lisi", "password": "ls#2027"})
    print(r.json())
    print(client.post("/sign").json()["msg"])
    print("cookies:", dict(client.cookies).keys())
    try:
        client.get("/status/503").raise_for_status()
    except httpx.HTTPStatusError as e:
        print("失败:", e.response.status_code, e.response.reason_phrase)
    with client.stream("GET", "/file.bin") as stream:
        size = sum(len(chunk) for chunk in stream.iter_bytes(8192))
    print("下载", size, "字节")
for one in requests_made:
    print(*one)
