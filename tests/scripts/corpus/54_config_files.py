import configparser
import json
import os
import yaml
from dotenv import dotenv_values, load_dotenv

with open("config.ini", "w", encoding="utf-8") as f:
    f.write("[default]\nname = 任务\nretry = 3\nenabled = yes\n[mail]\nto = a@example.com, b@example.com\n")
with open("config.yaml", "w", encoding="utf-8") as f:
    f.write("accounts:\n  - name: 张三\n    tags: [vip, 老用户]\n  - name: 李四\n    since: 2027-03-01\nlimits: {daily: 10}\n")
with open(".env", "w", encoding="utf-8") as f:
    f.write('# 配置\nAPI_KEY="abc 123"\nDEBUG=true\nexport HOST=${API_KEY}.example\n')

ini = configparser.ConfigParser()
ini.read("config.ini", encoding="utf-8")
print(ini["default"]["name"], ini.getint("default", "retry"), ini.getboolean("default", "enabled"))
print([a.strip() for a in ini["mail"]["to"].split(",")], ini.sections())
conf = yaml.safe_load(open("config.yaml", encoding="utf-8"))
print(conf["accounts"][0], conf["accounts"][1]["since"].year, conf["limits"])
print(dict(dotenv_values(".env")))
print(load_dotenv(".env"), os.environ["HOST"], json.dumps(conf["limits"]))
print(yaml.safe_dump({"名字": ["a", 1]}, allow_unicode=True).strip())
