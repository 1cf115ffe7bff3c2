import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
from PIL import Image

sales = {"Mon": 120, "Tue": 98, "Wed": 143, "Thu": 110, "Fri": 187}
fig, (ax1, ax2) = plt.subplots(1, 2, figsize=(8, 3), dpi=100)
ax1.bar(list(sales), sales.values(), color="#4c78a8")
ax1.set_title("Orders per day")
ax2.plot(list(sales), [v * 19.9 for v in sales.values()], marker="o")
ax2.grid(alpha=0.3)
fig.tight_layout()
fig.savefig("sales.png")
with Image.open("sales.png") as im:
    print(im.size, im.format)
print("best day:", max(sales, key=sales.get), "total:", sum(sales.values()))
result = {"title": "Sales", "best": max(sales, key=sales.get)}
