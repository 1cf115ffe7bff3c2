import hashlib
import os
import requests
from tqdm import tqdm

url = "http://site.example/file.bin"
path = os.path.join(os.getcwd(), "download.bin")

with requests.get(url, stream=True) as r:
    r.raise_for_status()
    total = int(r.headers["content-length"])
    with open(path, "wb") as f, tqdm(total=total, unit="B", unit_scale=True, desc="下载", ncols=80) as bar:
        for chunk in r.iter_content(chunk_size=64 * 1024):
            f.write(chunk)
            bar.update(len(chunk))

sha = hashlib.sha256()
with open(path, "rb") as f:
    for block in iter(lambda: f.read(4096), b""):
        sha.update(block)
print(os.path.getsize(path), sha.hexdigest())
os.remove(path)
print("已删除" if not os.path.exists(path) else "删除失败")
