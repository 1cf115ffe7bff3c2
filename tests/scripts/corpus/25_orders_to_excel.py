# 拉取订单并生成 Excel 日报
import requests
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from requests.auth import HTTPBasicAuth

r = requests.get("http://site.example/api/basic/orders", params={"size": 100}, auth=HTTPBasicAuth("report", "pa55"))
orders = r.json()["items"]
print("订单", len(orders))

wb = Workbook()
ws = wb.active
ws.title = "订单明细"
headers = ["订单号", "城市", "客户", "金额", "状态"]
ws.append(headers)
for cell in ws[1]:
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="4472C4")
    cell.alignment = Alignment(horizontal="center")
for o in orders:
    ws.append([o["id"], o["city"], o["customer"], o["amount"], "已付款" if o["status"] == "paid" else "已退款"])
ws.cell(row=ws.max_row + 1, column=3, value="合计")
ws.cell(row=ws.max_row, column=4, value=f"=SUM(D2:D{ws.max_row - 1})").number_format = "#,##0.00"
for i, width in enumerate((10, 8, 16, 12, 10), 1):
    ws.column_dimensions[get_column_letter(i)].width = width
ws.freeze_panes = "A2"
wb.save("日报.xlsx")

again = load_workbook("日报.xlsx")["订单明细"]
print(again.max_row, again.max_column, again["D49"].value)
for row in again.iter_rows(min_row=1, max_row=4, values_only=True):
    print(*row, sep=" | ")
print(requests.get("http://site.example/api/basic/orders", auth=("report", "bad")).status_code)
