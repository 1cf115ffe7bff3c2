import calendar
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

TODAY = date(2027, 3, 1)
people = {"妈妈": (3, 5), "老婆": (2, 29), "儿子": (12, 31), "自己": (3, 1)}


def next_birthday(month, day, today=TODAY):
    year = today.year
    while True:
        if month == 2 and day == 29 and not calendar.isleap(year):
            year += 1
            continue
        when = date(year, month, day)
        if when >= today:
            return when
        year += 1


for name, (m, d) in sorted(people.items(), key=lambda p: next_birthday(*p[1])):
    when = next_birthday(m, d)
    left = (when - TODAY).days
    tip = "就是今天 🎂" if left == 0 else f"还有 {left} 天"
    print(f"{name}: {when:%Y年%m月%d日} 周{'一二三四五六日'[when.weekday()]} {tip}")
print(calendar.month(2027, 3))
utc = datetime(2027, 3, 1, 0, 30, tzinfo=timezone.utc)
print(utc.astimezone(ZoneInfo("Asia/Shanghai")).isoformat(), utc.astimezone(ZoneInfo("America/New_York")).strftime("%c %Z"))
print(datetime.fromtimestamp(1803859200).strftime("%Y-%m-%d %H:%M:%S"), timedelta(hours=26, minutes=5))
