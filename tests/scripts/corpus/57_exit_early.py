import datetime

print("检查是否工作日")
day = datetime.date(2027, 3, 6)
if day.weekday() >= 5:
    print(day, "是周末，不运行")
    exit()
print("到不了这里")
