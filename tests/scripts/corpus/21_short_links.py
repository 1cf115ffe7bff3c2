import requests
from urllib.parse import urljoin, urlparse

start = "http://site.example/s/first"
r = requests.get(start, allow_redirects=False)
print(r.status_code, r.headers["Location"], r.is_redirect)
url, hops = start, 0
while hops < 10:
    r = requests.head(url, allow_redirects=False)
    if r.status_code not in (301, 302):
        break
    url = urljoin(url, r.headers["Location"])
    hops += 1
    print("→", urlparse(url).path)
r = requests.get(start)
print([h.status_code for h in r.history], urlparse(r.url).path, r.ok)
