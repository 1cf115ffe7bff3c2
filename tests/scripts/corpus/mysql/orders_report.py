# 数据库日报：各城市昨日订单
from contextlib import closing
from urllib.parse import urlsplit, unquote
import pymysql

DSN = "mysql://root:@db.example:3306/shop"
SQL = """
SELECT city, COUNT(*) AS cnt, SUM(amount) AS total, MAX(created_at) AS last
FROM orders WHERE status = %s GROUP BY city HAVING SUM(amount) > %s ORDER BY total DESC
"""


def connect():
    u = urlsplit(DSN)
    return pymysql.connect(host=u.hostname, port=u.port, user=u.username, password=unquote(u.password or ""),
                           database=u.path[1:], charset="utf8mb4", cursorclass=pymysql.cursors.DictCursor)


with closing(connect()) as conn:
    with conn.cursor() as cur:
        cur.execute(SQL, ("paid", 10))
        rows = cur.fetchall()
        for r in rows:
            print(f"{r['city']}: {r['cnt']} 单，{r['total']} 元，最近 {r['last']:%H:%M}")
        print(type(rows[0]["total"]).__name__, cur.rowcount)
        cur.execute("DELETE FROM report")
        cur.executemany("INSERT INTO report (city, total) VALUES (%s, %s)", [(r["city"], r["total"]) for r in rows])
    conn.commit()
    with conn.cursor() as cur:
        cur.execute("SELECT COUNT(*) AS n, SUM(total) AS s FROM report")
        print(cur.fetchone())
        try:
            cur.execute("SELECT * FROM 没有这张表")
        except pymysql.err.ProgrammingError as e:
            print("出错:", e.args[0])
result = {"title": "订单日报", "content": "\n".join(f"- {r['city']}: {r['total']}" for r in rows)}
