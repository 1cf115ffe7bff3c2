"""A yardstick: Celery alone, with a task that does nothing, on the same Redis."""

from __future__ import annotations

import os
import time

from celery import Celery
from redis import Redis

from bench.processes import Processes

QUEUE = "bare"
PATIENCE_SECONDS = 300

app = Celery("bare", broker=os.environ["REDIS_URL"], set_as_current=False)  # tests import this module too
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE)


@app.task(name="bare.nothing", ignore_result=True)
def nothing() -> None:
    return


def rate(processes: Processes, count: int, slots: int) -> float:
    """Return the tasks per second, from the first message sent to the last one acknowledged."""
    processes.prefork("bench.yardsticks.bare_celery", slots, QUEUE)
    redis = Redis.from_url(os.environ["REDIS_URL"])
    _run(redis, 10 * slots)
    return count / _run(redis, count)


def _run(redis: Redis, count: int) -> float:
    began = time.monotonic()
    with app.producer_or_acquire() as producer:
        for _ in range(count):
            nothing.apply_async(producer=producer)
    while redis.llen(QUEUE) or redis.hlen("unacked"):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError("bare Celery did not end")
        time.sleep(0.005)
    return time.monotonic() - began
