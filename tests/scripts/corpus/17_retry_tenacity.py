import logging
import sys

import requests
from tenacity import before_sleep_log, retry, retry_if_exception_type, stop_after_attempt, wait_fixed, RetryError

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
logger = logging.getLogger("retry")


class BadGateway(Exception):
    pass


@retry(stop=stop_after_attempt(5), wait=wait_fixed(0.05), retry=retry_if_exception_type(BadGateway),
       before_sleep=before_sleep_log(logger, logging.INFO))
def call():
    r = requests.get("http://site.example/api/flaky")
    if r.status_code == 502:
        raise BadGateway(r.json()["error"])
    return r.json()


@retry(stop=stop_after_attempt(2), wait=wait_fixed(0.01))
def never():
    requests.get("http://site.example/status/500").raise_for_status()


print(call())
print("重试统计:", call.statistics["attempt_number"])
try:
    never()
except RetryError as e:
    print("放弃:", type(e.last_attempt.exception()).__name__)
