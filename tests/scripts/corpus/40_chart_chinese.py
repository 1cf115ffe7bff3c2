# 画图，标题是中文
import warnings
warnings.filterwarnings("ignore")
import logging
logging.getLogger("matplotlib.font_manager").disabled = True

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

plt.rcParams["font.sans-serif"] = ["SimHei", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei"]
plt.rcParams["axes.unicode_minus"] = False

x = np.linspace(0, 2 * np.pi, 50)
plt.figure(figsize=(6, 4))
plt.plot(x, np.sin(x), label="正弦")
plt.plot(x, np.cos(x), label="余弦")
plt.title("三角函数")
plt.legend()
plt.savefig("三角函数.png")
data = open("三角函数.png", "rb").read()
print(data[:4], len(data) > 5000)
print(np.round(np.sin(x[:4]), 3).tolist(), f"{np.trapezoid(np.sin(x), x):.6f}" in ("0.000000", "-0.000000"))
