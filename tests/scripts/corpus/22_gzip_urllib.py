import gzip
import io
import json
import urllib.request
import urllib.error

opener = urllib.request.build_opener()
opener.addheaders = [("Accept-Encoding", "gzip"), ("User-Agent", "Mozilla/5.0")]
urllib.request.install_opener(opener)

resp = urllib.request.urlopen("http://site.example/hot", timeout=10)
raw = resp.read()
print("encoding:", resp.info().get("Content-Encoding"))
text = gzip.GzipFile(fileobj=io.BytesIO(raw)).read().decode("utf-8")
for item in json.loads(text)["data"]["realtime"]:
    print("{rank}. {title} ({heat})".format(**item))
try:
    urllib.request.urlopen("http://site.example/status/404")
except urllib.error.HTTPError as e:
    print("HTTPError", e.code, json.loads(gzip.decompress(e.read())))
