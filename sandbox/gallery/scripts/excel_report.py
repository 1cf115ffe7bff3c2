import io

from openpyxl import Workbook

day = (datetime.now() - timedelta(days=1)).strftime("%Y-%m-%d")
rows = db_query(get_param("sql"), {"day": day})
result = {"title": f"{get_param('title')} {day}", "content": get_param("summary").format(count=len(rows))}
if rows:
    book = Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    encoded = base64.b64encode(file.getvalue()).decode()
    name = f"{get_param('file')}-{day}.xlsx"
    notify({"msg_type": "file", "file_name": name, "file_base64": encoded}, channel=get_param("file_channel"))
