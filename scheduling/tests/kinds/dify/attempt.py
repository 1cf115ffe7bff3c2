"""An attempt of the executor against answers of a Dify that replays them."""

from __future__ import annotations

import ipaddress
from typing import Any

from common.http import Policy
from common.redis_client import client
from common.redis_windows import Leases
from scheduling.execution import Occasion, Outcome
from scheduling.kinds.dify.client import DifyClient
from scheduling.kinds.dify.concurrency import Places
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.executor import DifyExecutor
from scheduling.tests.kinds.context import FakeContext
from testing.servers.dify_replay import Answer, DifyReplay, replays, says, transcript

OCCASION = Occasion(
    task_id=7,
    task_name="日报",
    tenant_id="acme",
    trace_id="trace-1",
    timezone="Asia/Shanghai",
    due_at="2026-11-20T16:00:00+00:00",
    window_start="2026-11-19T16:00:00+00:00",
    window_end="2026-11-20T16:00:00+00:00",
    params={"note": "{trace_id} {due_at}", "limit": 3},
)
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"
NO_INPUTS = says(200, {"user_input_form": []})
STOPPED = says(200, {"result": "success"})


FINISHED = {
    "event": "workflow_finished",
    "workflow_run_id": RUN,
    "task_id": "t",
    "data": {"id": RUN, "status": "succeeded", "outputs": {"text": "done"}},
}


APP = "app"


def places(limit: int = 10) -> Places:
    return Places(Leases(client(), "dify"), limit)


class Attempt:
    """Runs the executor against these answers; `/parameters` is asked first unless a run is recovered."""

    def __init__(
        self, *answers: Answer, context: FakeContext | None = None, limit: int = 10, **config: Any
    ) -> None:
        self.context = context or FakeContext()
        with DifyReplay(*answers) as dify:
            policy = Policy(allowed_networks=(ipaddress.ip_network("127.0.0.0/8"),))
            dify_client = DifyClient(dify.url, "app-0123456789abcdef", policy)
            executor = DifyExecutor(DifyConfig(**config), OCCASION, dify_client, places(limit), APP)
            self.outcome: Outcome = executor.execute(self.context)
        self.paths = [request.path.split("?")[0] for request in dify.requests]
        self.requests = dify.requests

    @property
    def ended(self) -> tuple[str, str]:
        return self.outcome.status, self.outcome.error_code


def recorded(name: str) -> Answer:
    return replays(transcript(name))
