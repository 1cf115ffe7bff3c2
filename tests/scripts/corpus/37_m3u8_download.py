import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urljoin
import requests

index = "http://site.example/video/index.m3u8"
folder = Path("segments")
folder.mkdir(exist_ok=True)
names = [l for l in requests.get(index).text.splitlines() if l and not l.startswith("#")]
print("片段", len(names))


def save(n_name):
    n, name = n_name
    data = requests.get(urljoin(index, name)).content
    (folder / f"{n:04d}.ts").write_bytes(data)
    return len(data)


with ThreadPoolExecutor(8) as ex:
    sizes = list(ex.map(save, enumerate(names)))
with open("all.ts", "wb") as out:
    for part in sorted(folder.glob("*.ts")):
        with part.open("rb") as f:
            shutil.copyfileobj(f, out)
shutil.rmtree(folder)
print(sum(sizes), Path("all.ts").stat().st_size, hashlib.md5(Path("all.ts").read_bytes()).hexdigest(), folder.exists())
