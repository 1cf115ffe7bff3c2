"""Spans of one run from processes that share nothing but its trace id; no cost where tracing is off."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from common import traces
from common.otel import trace_ids
from testing.patience import eventually
from testing.servers.otlp import Collector

TRACE = "0123456789abcdef0123456789abcdef"


def test_all_spans_of_a_run_hang_on_its_first(collector: Collector) -> None:
    now = timezone.now()
    traces.span("publish", TRACE, now - timedelta(seconds=2), now)
    traces.exporter.cache_clear()  # another process
    traces.root("run", TRACE, now - timedelta(seconds=2), now, status="success", attempts=1)
    with pytest.raises(ValueError, match="broken"), traces.spanning("execute", TRACE, kind="dify"):
        raise ValueError("broken")
    eventually(lambda: len(collector.of(TRACE)) == 3)
    found = collector.of(TRACE)
    assert found["run"].parent == ""
    assert found["publish"].parent == found["execute"].parent == found["run"].id
    assert found["execute"].error == "ValueError: broken"
    assert found["run"].attributes == {"status": "success", "attempts": "1"}
    assert found["publish"].end - found["publish"].start == 2 * 10**9


def test_two_runs_are_two_traces(collector: Collector) -> None:
    now = timezone.now()
    other = "f" * 32
    for trace_id in (TRACE, other):
        traces.root("run", trace_id, now, now)
    eventually(lambda: collector.of(TRACE) and collector.of(other))
    assert collector.of(TRACE)["run"].id != collector.of(other)["run"].id


@pytest.mark.parametrize(
    "trace_id", ["0" * 32, "not hex at all", "abc", "任务", "0123456789abcdef" + "0" * 16]
)
def test_every_trace_id_has_ids_that_are_valid(trace_id: str) -> None:
    trace, first = trace_ids(trace_id)
    assert 0 < trace < 1 << 128
    assert 0 < first < 1 << 64
    assert trace_ids(trace_id) == (trace, first)


def test_a_runs_own_trace_id_is_the_traces() -> None:
    assert f"{trace_ids(TRACE)[0]:032x}" == TRACE


def test_where_it_is_not_installed_everything_runs_without() -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None  # an import raises\n"
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from common import traces\n"
        "import scheduling.tasks, notifications.tasks\n"
        "traces.root('run', 'a' * 32, timezone.now(), timezone.now())\n"
        "print('common.otel' in sys.modules)"
    )
    environ = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.strip() == "False", done.stderr
