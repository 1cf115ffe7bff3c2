import csv
import requests
from bs4 import BeautifulSoup
from statistics import mean

soup = BeautifulSoup(requests.get("http://site.example/rates").text, "html.parser")
rows = [[td.text for td in tr("td")] for tr in soup.select("#rates tr")[1:]]
with open("rates.csv", "w", newline="", encoding="utf-8-sig") as f:
    writer = csv.writer(f)
    writer.writerow(["日期", "美元", "欧元"])
    writer.writerows(rows)
with open("rates.csv", encoding="utf-8-sig") as f:
    for row in csv.DictReader(f):
        print(row["日期"], row["美元"], row["欧元"])
usd = [float(r[1]) for r in rows]
print(f"美元均价 {mean(usd):.4f}，最高 {max(usd)}，最低 {min(usd)}")
