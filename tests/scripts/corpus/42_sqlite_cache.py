# 记账小工具：sqlite 存数据，每次汇总
import os
import sqlite3
from contextlib import closing

DB_PATH = os.path.join(os.getcwd(), "ledger.db")
records = [("2027-03-01", "餐饮", 35.5), ("2027-03-01", "交通", 6), ("2027-03-02", "餐饮", 28), ("2027-03-03", "购物", 199.9)]

with closing(sqlite3.connect(DB_PATH, timeout=5)) as db:
    db.row_factory = sqlite3.Row
    with db:
        db.executescript("""
            CREATE TABLE IF NOT EXISTS bill (id INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT, kind TEXT, amount REAL);
            CREATE INDEX IF NOT EXISTS bill_day ON bill (day);
        """)
        db.executemany("INSERT INTO bill (day, kind, amount) VALUES (?, ?, ?)", records)
    for row in db.execute("SELECT kind, COUNT(*) n, SUM(amount) total FROM bill GROUP BY kind ORDER BY total DESC"):
        print(f"{row['kind']}: {row['n']} 笔 {row['total']:.2f} 元")
    try:
        with db:
            db.execute("INSERT INTO bill (day, kind, amount) VALUES ('2027-03-04', '误记', 1)")
            raise RuntimeError("回滚")
    except RuntimeError as e:
        print(e, db.execute("SELECT COUNT(*) FROM bill").fetchone()[0])
    db.execute("PRAGMA journal_mode=WAL")
with closing(sqlite3.connect(DB_PATH)) as db:
    print("最大一笔", db.execute("SELECT kind, MAX(amount) FROM bill").fetchone())
print("数据库大小 > 0:", os.path.getsize(DB_PATH) > 0)
