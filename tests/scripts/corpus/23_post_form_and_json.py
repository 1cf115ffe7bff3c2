import requests

URL = "http://site.example/echo"
show = lambda r: print(r.request.method, r.json())

show(requests.get(URL, params={"q": "天气", "page": 2}, headers={"user-agent": "test"}))
show(requests.post(URL, data={"name": "张三", "age": 18}, headers={"user-agent": "test"}))
show(requests.post(URL, data=[("a", "1"), ("b", "2")], headers={"user-agent": "test"}))
show(requests.post(URL, json={"items": [1, 2, 3], "ok": True}, headers={"user-agent": "test", "X-Token": "abc"}))
show(requests.put(URL, data='{"raw": "文本"}'.encode(), headers={"user-agent": "test", "Content-Type": "application/json"}))
show(requests.delete(URL, headers={"user-agent": "test"}))
r = requests.request("POST", URL, files={"x": b"1"}, headers={"user-agent": "test"})
print(r.status_code, r.elapsed.total_seconds() >= 0)
