# 备份目录：复制、只留最近两份、移动
import datetime
import filecmp
import os
import shutil
from pathlib import Path

src = Path("data")
src.mkdir(exist_ok=True)
(src / "a.conf").write_text("key=1\n")
(src / "子目录").mkdir()
(src / "子目录" / "b.txt").write_text("文本")
(src / "__pycache__").mkdir()

for day in range(1, 5):
    target = Path("backup") / f"{datetime.date(2027, 3, day):%Y%m%d}"
    shutil.copytree(src, target, ignore=shutil.ignore_patterns("__pycache__", "*.tmp"))
shutil.copy2(src / "a.conf", "backup/latest.conf")
shutil.copy(src / "a.conf", "backup/readonly.conf")
os.chmod("backup/readonly.conf", 0o444)
(Path("backup") / "done.flag").touch()

for old in sorted(p for p in Path("backup").iterdir() if p.is_dir())[:-2]:
    print("删除旧备份", old.name)
    shutil.rmtree(old)
print(filecmp.cmp("data/a.conf", "backup/latest.conf"), filecmp.dircmp("data", "backup/20270304").left_only)
shutil.move("backup/20270303", "moved")
print(sorted(p.as_posix() for p in Path("moved").rglob("*")))
print(sorted(os.listdir("backup")))
