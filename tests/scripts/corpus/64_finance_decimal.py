# 房贷计算：等额本息 vs 等额本金
import locale
import math
import statistics
import textwrap
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import accumulate, groupby

getcontext().prec = 28
locale.setlocale(locale.LC_ALL, "")
P, YEARS, RATE = Decimal("1000000"), 30, Decimal("0.0345")
n, r = YEARS * 12, RATE / 12
monthly = P * r * (1 + r) ** n / ((1 + r) ** n - 1)
print(f"等额本息: 每月 {monthly:.2f}, 总利息 {monthly * n - P:,.2f}")
principal = P / n
interest = [(P - principal * k) * r for k in range(n)]
print(f"等额本金: 首月 {principal + interest[0]:.2f}, 末月 {principal + interest[-1]:.2f}, 总利息 {sum(interest):,.2f}")
print(f"差额 {monthly * n - P - sum(interest):.2f}", math.isclose(float(sum(interest)), float(interest[0]) * (n + 1) / 2))
print(Fraction(345, 10000), statistics.median([3, 1, 4]), round(statistics.stdev([2, 4, 4, 4, 5]), 4))
print(list(accumulate([1, 2, 3])), {k: len(list(g)) for k, g in groupby("aabbbc")})
print(textwrap.fill("一二三四五六七八九十" * 3, width=12))
