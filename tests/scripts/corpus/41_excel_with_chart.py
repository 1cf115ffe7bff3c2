from datetime import date, timedelta
from openpyxl import Workbook, load_workbook
from openpyxl.chart import LineChart, Reference
from openpyxl.comments import Comment
import random

random.seed(20270301)
wb = Workbook()
ws = wb.active
ws.append(("日期", "访问量", "下单量"))
begin = date(2027, 3, 1)
for i in range(14):
    visits = random.randint(800, 1500)
    ws.append((begin + timedelta(days=i), visits, visits // 17))
for cell in ws["A"][1:]:
    cell.number_format = "yyyy-mm-dd"
ws["B1"].comment = Comment("来自日志", "bot")
chart = LineChart()
chart.title = "两周走势"
chart.add_data(Reference(ws, min_col=2, max_col=3, min_row=1, max_row=15), titles_from_data=True)
ws.add_chart(chart, "E2")
summary = wb.create_sheet("汇总")
summary["A1"], summary["B1"] = "总访问", "=SUM(Sheet!B2:B15)"
wb.save("report.xlsx")

wb2 = load_workbook("report.xlsx", data_only=False)
print(wb2.sheetnames, wb2["汇总"]["B1"].value)
print(wb2["Sheet"]["A2"].value.date(), wb2["Sheet"]["B2"].value, wb2["Sheet"]["B1"].comment.text)
print("合计", sum(c.value for c in wb2["Sheet"]["B"][1:]))
