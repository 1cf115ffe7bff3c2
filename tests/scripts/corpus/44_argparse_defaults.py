#!/usr/bin/env python
# -*- coding: utf-8 -*-
import argparse
import sys
from pathlib import Path


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description="清理旧文件")
    parser.add_argument("-d", "--dir", default="data", help="目录")
    parser.add_argument("-n", "--keep", type=int, default=3, help="保留个数 (默认 %(default)s)")
    parser.add_argument("--ext", nargs="*", default=[".log", ".tmp"])
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    return parser.parse_args(argv)


def main():
    args = parse_args()
    print(vars(args))
    folder = Path(args.dir)
    folder.mkdir(exist_ok=True)
    for i in range(6):
        (folder / f"{i}.log").write_text("x" * i)
    (folder / "keep.txt").touch()
    files = sorted(p for p in folder.iterdir() if p.suffix in args.ext)
    for p in files[: -args.keep]:
        print("删除", p.as_posix())
        if not args.dry_run:
            p.unlink()
    print("剩下", sorted(p.name for p in folder.iterdir()))
    try:
        parse_args(["--keep", "很多"])
    except SystemExit as e:
        print("参数错误，退出码", e.code, file=sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
