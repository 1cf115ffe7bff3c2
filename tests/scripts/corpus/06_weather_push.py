# 每天早上推送天气
import os
import requests

city = os.environ.get("CITY", "上海")
base = "http://site.example/weather"


def get_weather(name):
    r = requests.get(base, params={"city": name})
    r.raise_for_status()
    j = r.json()
    if j["status"] != 1000:
        raise ValueError(f"查询 {name} 失败: {j['desc']}")
    return j["data"]


def text_of(data):
    t = data["today"]
    lines = [f"### {data['city']}天气", f"- 今天：{t['type']} {t['low']}℃ ~ {t['high']}℃，{t['wind']}", f"- 空气质量：{t['aqi']}"]
    for day in data["forecast"]:
        lines.append(f"- {day['day']} 天后：{day['type']} {day['low']}/{day['high']}℃")
    if t["low"] < 0:
        lines.append("> ❄️ 气温低于零度，注意保暖")
    return "\n".join(lines)


content = text_of(get_weather(city))
print(content)
try:
    get_weather("亚特兰蒂斯")
except ValueError as e:
    print("忽略：", e)
notify(content.splitlines()[0])
result = {"title": f"{city}天气", "content": content}
