"""`python -m platform_site.worker QUEUE [--host NAME]`: a worker of one queue, as in `make up` and in the image.

It takes less memory than `celery -A celery_app worker`, which loads the celery command's plugins, among them Flower.
"""

from __future__ import annotations

import argparse
import os
import sys

from platform_site.config.startup_errors import one_line_errors

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "platform_site.config.headless_settings",
    "CELERY_SKIP_CHECKS": "true",  # Django's system checks take a second of a start
}

from celery.apps.worker import Worker
from celery.utils.nodenames import gethostname, nodename
from django.conf import settings

from celery_app import app

POOLS = {"io": "threads", "notify": "threads", "script": "prefork"}


def worker(queue: str, host: str) -> Worker:
    """Return the worker, not yet started. It neither mingles nor gossips: nobody uses that, and it delays the start."""
    return app.Worker(
        hostname=nodename(queue, host),
        pool_cls=POOLS[queue],
        concurrency=getattr(settings, f"{queue.upper()}_SLOTS"),
        queues=[queue],
        without_mingle=True,
        without_gossip=True,
        quiet=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m platform_site.worker")
    parser.add_argument("queue", choices=POOLS)
    parser.add_argument("--host", default=gethostname(), help="its name is QUEUE@HOST; no two share one")
    given = parser.parse_args()
    with one_line_errors():
        started = worker(given.queue, given.host)
        started.start()
        sys.exit(started.exitcode)
