"""`python -S -m platform_site.up.supervisor PLAN_FD`: brings up the services of a plan, and ends them together.

It stays for as long as the platform runs, so it loads no more than the standard library.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platform_site.up import readiness
from platform_site.up.plan import Plan, Redis, read
from platform_site.up.process import say
from platform_site.up.tree import NeverReadyError, ServiceDiedError, StopRequestedError, Tree

REDIS_PATIENCE_SECONDS = 30.0  # it reads its append-only file first
READY_PATIENCE_SECONDS = 180.0


def run(plan: Plan) -> int:
    """Run the services until we are told to stop or one of them dies; return the exit code."""
    try:
        with Tree(plan.lock) as tree:
            bring_up(plan, tree)
            tree.for_ever()
    except StopRequestedError:
        return 0
    except (ServiceDiedError, NeverReadyError) as error:
        print(error, file=sys.stderr)
    finally:
        if plan.redis:
            Path(plan.redis.address_file).unlink(missing_ok=True)  # its port may soon be somebody else's
    return 1


def bring_up(plan: Plan, tree: Tree) -> None:
    if plan.redis:
        start_redis(plan.redis, tree)
    for service in plan.services:
        tree.start(service)
    tree.until(lambda: readiness.missing(plan.probes), READY_PATIENCE_SECONDS)
    say(plan.ready)


def start_redis(redis: Redis, tree: Tree) -> None:
    tree.start(redis.service)
    tree.until(lambda: readiness.why_redis_disobeys(redis.port, redis.commands), REDIS_PATIENCE_SECONDS)


if __name__ == "__main__":
    with os.fdopen(int(sys.argv[1]), "rb") as handed_over:
        given = read(handed_over.read())
    os.set_inheritable(given.lock, False)
    sys.exit(run(given))
