import logging
import os
from logging.handlers import RotatingFileHandler

LOG_DIR = "logs"
os.makedirs(LOG_DIR, exist_ok=True)

logger = logging.getLogger("backup")
logger.setLevel(logging.DEBUG)
fmt = logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(funcName)s:%(lineno)d - %(message)s".replace(":%(lineno)d", ""))
fh = RotatingFileHandler(os.path.join(LOG_DIR, "app.log"), maxBytes=2000, backupCount=2, encoding="utf-8")
fh.setFormatter(fmt)
sh = logging.StreamHandler()
sh.setLevel(logging.INFO)
sh.setFormatter(fmt)
logger.addHandler(fh)
logger.addHandler(sh)


def work():
    for i in range(30):
        logger.debug("处理第 %d 条", i)
    logger.info("处理完成")
    try:
        {}["key"]
    except KeyError as e:
        logger.error("缺少字段 %s", e)


work()
logging.shutdown()
for name in sorted(os.listdir(LOG_DIR)):
    print(name, os.path.getsize(os.path.join(LOG_DIR, name)) <= 2000)
with open("logs/app.log", encoding="utf-8") as f:
    last = f.readlines()[-1]
print(last.split(" - ", 1)[1].strip())
