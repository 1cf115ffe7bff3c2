import sys
import time
from tqdm import tqdm, trange

total = 0
for n in tqdm(range(200), desc="处理中", ncols=70, file=sys.stdout):
    total += n
    time.sleep(0.0005)
print("合计", total)

with tqdm(total=3, desc="阶段", bar_format="{desc}{n_fmt}/{total_fmt}") as bar:
    for name in ("下载", "解压", "导入"):
        bar.set_description(name)
        tqdm.write(f"正在{name}")
        bar.update()
for _ in trange(5, disable=True):
    pass
