# 财务给的表是 GBK 编码的 csv
import codecs
import csv
from decimal import Decimal, ROUND_HALF_UP

with open("工资.csv", "w", encoding="gbk", newline="") as f:
    f.write("姓名,部门,基本工资,奖金\r\n张三,技术部,12000.00,1500.555\r\n李四,市场部,9000,\r\n王五,技术部,15000.5,3000\r\n")

try:
    open("工资.csv", encoding="utf-8").read()
except UnicodeDecodeError as e:
    print("不是 utf-8:", e.reason)

with codecs.open("工资.csv", encoding="gbk") as f:
    rows = list(csv.DictReader(f))
total = Decimal(0)
for r in rows:
    pay = (Decimal(r["基本工资"]) + Decimal(r["奖金"] or 0)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    total += pay
    print(r["姓名"].ljust(4, "　"), r["部门"], f"{pay:>12,}")
print("合计", total)
print("张三".encode("gbk"), b"\xc0\xee\xcb\xc4".decode("gb2312"))
