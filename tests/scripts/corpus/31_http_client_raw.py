import http.client
import json
from urllib.parse import urlsplit

parts = urlsplit("http://site.example")
conn = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
for page in (1, 2):
    conn.request("GET", f"/api/orders?page={page}&size=3", headers={"Accept": "application/json"})
    res = conn.getresponse()
    body = json.loads(res.read())
    print(res.status, res.reason, res.version, [i["id"] for i in body["items"]])
conn.request("POST", "/echo", body=json.dumps({"a": 1}), headers={"Content-Type": "application/json"})
print(json.loads(conn.getresponse().read())["json"])
conn.close()
