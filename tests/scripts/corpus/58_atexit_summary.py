import atexit
import time

messages = []
start = time.time()


def say(text):
    print(text)
    messages.append(text)


@atexit.register
def summary():
    print("-" * 20)
    print(f"共 {len(messages)} 条消息，耗时 {time.time() - start:.2f} 秒")


atexit.register(print, "最先注册的最后执行")
say("第一步")
say("第二步")
