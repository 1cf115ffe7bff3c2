import os
import shutil
import tarfile
import tempfile
import time
import zipfile
from glob import glob

work = tempfile.mkdtemp(prefix="backup_")
print(os.path.isdir(work), os.path.basename(work).startswith("backup_"))
for i, name in enumerate(["a.txt", "b.log", "子目录/c.txt"]):
    path = os.path.join(work, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write("内容" * (i + 1))

for root, dirs, files in sorted(os.walk(work)):
    print(os.path.relpath(root, work), sorted(dirs), sorted(files))

zip_path = shutil.make_archive("backup", "zip", work)
with zipfile.ZipFile(zip_path) as z:
    print(sorted(n for n in z.namelist() if not n.endswith("/")), z.testzip())
with tarfile.open("backup.tar.gz", "w:gz") as t:
    t.add(work, arcname="data")
print(len(tarfile.open("backup.tar.gz").getmembers()))
old = [p for p in glob(work + "/**/*", recursive=True)
       if os.path.isfile(p) and (p.endswith(".log") or time.time() - os.stat(p).st_mtime > 3600)]
for p in sorted(old):
    os.remove(p)
print("清理", len(old), "剩余", sorted(os.listdir(work)))
with tempfile.NamedTemporaryFile("w+", suffix=".json") as tmp:
    tmp.write("{}")
    tmp.seek(0)
    print(tmp.read(), os.path.exists(tmp.name))
shutil.rmtree(work)
print(os.path.exists(work), shutil.disk_usage(".").total > 0)
