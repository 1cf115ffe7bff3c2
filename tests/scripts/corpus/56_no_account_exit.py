import os
import sys

cookie = os.environ.get("NO_SUCH_COOKIE")
print("开始运行")
if not cookie:
    sys.exit("请先设置环境变量 NO_SUCH_COOKIE")
print("到不了这里")
