from urllib.request import urlopen, Request
from urllib.parse import quote
import json

def fetch(path):
    req = Request("http://site.example" + path, headers={"User-Agent": "curl/8.0"})
    with urlopen(req, timeout=15) as f:
        print(f.status, f.getheader("Content-Type"))
        return f.read().decode(f.headers.get_content_charset() or "utf-8")

print(fetch("/weather.txt").strip())
w = json.loads(fetch("/weather?city=" + quote("北京")))
print("北京", w["data"]["today"]["type"], w["data"]["today"]["high"])
