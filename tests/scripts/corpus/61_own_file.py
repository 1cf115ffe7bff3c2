# 脚本自检：版本号写在文件里
import hashlib
import os
import re
import sys
from pathlib import Path

__version__ = "1.3.0"

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)
source = open(__file__, encoding="utf-8").read()
print("文件名", os.path.basename(__file__), "版本", re.search(r'__version__ = "([\d.]+)"', source).group(1))
print(Path(__file__).resolve().parent == Path.cwd(), Path(sys.argv[0]).name)
(Path(__file__).parent / "helper.py").write_text("def hello(name):\n    return f'你好，{name}'\n", encoding="utf-8")
sys.path.append(here)
import helper

print(helper.hello("小明"), Path(helper.__file__).name)
data_file = Path(__file__).with_name("last.txt")
data_file.write_text("ok")
print(sorted(p.name for p in Path(here).glob("*.py")), data_file.read_text())
