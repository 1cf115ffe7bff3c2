import sys
from loguru import logger

logger.remove()
logger.add(sys.stdout, format="{time:YYYY-MM-DD HH:mm:ss} | {level: <8} | {message}", level="INFO")
logger.add("file_{time:YYYY}.log", rotation="1 MB", retention=3, encoding="utf-8", enqueue=False)


@logger.catch(message="任务异常", reraise=False, level="WARNING", onerror=lambda e: logger.info("异常类型 {}", type(e).__name__))
def risky(x):
    if x:
        return 10 / x
    logger.info("准备返回")
    return 0


logger.info("开始任务 {name}", name="同步")
logger.debug("看不见")
print(risky(4), risky(0))
logger.bind(user="张三").success("完成 {:.1%}", 0.5)
