import io

from matplotlib.figure import Figure

day = (datetime.now() - timedelta(days=1)).strftime("%Y-%m-%d")
rows = db_query(get_param("sql"), {"day": day})
result = None
if rows:
    label, value = list(rows[0])[:2]
    lines = [f"| {row[label]} | {row[value] or 0:,} |" for row in rows]
    result = {
        "title": f"{get_param('title')} {day}",
        "content": "\n".join([f"| {label} | {value} |", "|---|---:|", *lines]),
    }

if rows and get_param("picture_channel"):
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.bar([str(row[label]) for row in rows], [row[value] or 0 for row in rows])
    axes.set_title(result["title"])
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    encoded = base64.b64encode(picture.getvalue()).decode()
    notify({"msg_type": "image", "image_base64": encoded}, channel=get_param("picture_channel"))
