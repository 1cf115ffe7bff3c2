"""`python -m bench.claimer QUEUE`: takes messages from Redis and claims their runs as a worker does, no more."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from common.redis_client import client  # noqa: E402
from scheduling.worker.claim import claim  # noqa: E402


def main(queue: str) -> None:
    while taken := client().brpop([queue], timeout=2):
        trace_id = json.loads(taken[1])["headers"]["id"]
        claim(trace_id, "claimer", timezone.now())


if __name__ == "__main__":
    main(sys.argv[1])
