#coding:utf-8
import logging
import requests
from io import BytesIO

LOG = "run.log"
logging.basicConfig(filename=LOG, level=logging.DEBUG, format="%(asctime)s [%(levelname)s] %(message)s", encoding="utf-8")
logging.getLogger("urllib3").setLevel(logging.WARNING)
logging.info("开始备份")
logging.warning("空间不足")
try:
    1 / 0
except ZeroDivisionError:
    logging.exception("计算出错")

with open(LOG, "rb") as f:
    r = requests.post("http://site.example/api/upload", files={"file": ("run.log", f, "text/plain")}, data={"remark": "daily"})
print(r.json())
r = requests.post("http://site.example/api/upload", files=[("image", ("a.png", BytesIO(b"\x89PNG"), "image/png"))])
print(r.json())
print(len(open(LOG, encoding="utf-8").read().splitlines()) >= 5)
for line in open(LOG, encoding="utf-8"):
    if "[" in line:
        print(line.split(" ", 2)[2].strip())
