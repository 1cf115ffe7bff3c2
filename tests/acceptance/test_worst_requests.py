"""The worst that one tenant's request or run can ask for, against the whole platform: what it costs everybody else.

Each act is a stranger's: text that a compiler, a parser, a template, a differ or a masker reads, or answers and output
without end. It may fail, in words; it may cost its own jailed process what that may take.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from testing.platform import Platform
from testing.process_tree import Seen
from testing.servers.webhook import Webhook

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("worst requests")]

MAX_BYTES = 300 << 20  # that any shared process may need on top
STUCK_SECONDS = 30.0  # no measure of speed: S3 held all of web for longer
PAUSE_SECONDS = 0.05
SHARED = tuple(
    f"platform_site.{role}" for role in ("web", "beat", "worker io", "worker notify", "worker script")
)
TEMPLATES = (
    "{{ 1|round(60000000,'ceil') }}",
    "{{ '%(a)2000000000d' % {'a':1} }}",
    "{{ [1]|tojson(300000000) }}",
    "{% for x in range(100000)|batch(30000000,'x') %}{% endfor %}",
    "{{ (1).to_bytes(300000000,'big') }}",
    "{{ 'a b c'|wordwrap(1, wrapstring='x'*100000000) }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
)
SCRIPTS = (
    "for _ in range(10**6): print()",
    "while True: print('x' * 1_000_000)",
    "while True: progress('x' * 3_000_000, 1)",
    "while True: notify('x' * 3_000_000)",
    "while True: set_var('k', 'x' * 60_000)",
    "value = []\nfor _ in range(480): value = [value]\nresult = value",
    "result = 'x' * 200_000\nwhile True: log(result)",
)


def nested(levels: int) -> str:
    lines = ["def f():"]
    for level in range(1, levels + 1):
        lines += ["    " * level + "try: return", "    " * level + "finally:"]
    return "\n".join([*lines, "    " * (levels + 1) + "g()"]) + "\n"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("data")) as running:
        yield running


class Neighbour:
    """Asks for /healthz all the time; `slowest` is how long an answer took at most."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.slowest, self.answers = platform, 0.0, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._ask_on)

    def _ask_on(self) -> None:
        while True:
            began = time.monotonic()
            status, _ = self.platform.get("/healthz")
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.answers += status == 200
            if self.ended.wait(PAUSE_SECONDS):
                return


@contextmanager
def watched(platform: Platform, what: str) -> Iterator[None]:
    shared = [seen for seen in platform.seen() if any(name in seen.command for name in SHARED)]
    assert len(shared) >= len(SHARED)
    before = {seen: _peak(seen, reset=True) for seen in shared}
    neighbour = Neighbour(platform)
    neighbour.thread.start()
    try:
        yield
    finally:
        neighbour.ended.set()
        neighbour.thread.join()
    grown = {seen: _peak(seen) - held for seen, held in before.items() if seen.lives()}
    peak = max(grown.values())
    print(f"{what}: +{peak >> 20} MiB at most, /healthz {neighbour.slowest:.2f} s at most")
    assert len(grown) == len(before), "a shared process has ended"
    assert peak <= MAX_BYTES, grown
    assert neighbour.answers
    assert neighbour.slowest < STUCK_SECONDS


def _peak(seen: Seen, *, reset: bool = False) -> int:
    """Resident bytes at most since the last reset."""
    process = Path(f"/proc/{seen.pid}")
    if reset:
        (process / "clear_refs").write_text("5")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) << 10


def asked(platform: Platform, path: str, body: dict[str, Any]) -> None:
    """Whatever it answers, it is no fault of ours."""
    status, content = platform.ask("POST", path, body)
    assert status < 500, content


def ran(platform: Platform, **columns: Any) -> None:
    body = {"tenant_id": "default", "task_name": "worst", "schedule_type": "cron", "timeout_seconds": 10}
    status, content = platform.ask(
        "POST", "/api/scheduled-tasks", body | {"cron_expression": "0 0 1 1 *"} | columns
    )
    if status == 422:  # refused in words already
        return
    task = json.loads(content)["id"]
    platform.call("POST", f"/api/scheduled-tasks/{task}/run", {}, expected=202)
    [run] = platform.ended(task)
    assert run["attempt"] == 1, run
    assert run["error_code"] not in ("worker_lost", "internal_error"), run


ACTS: dict[str, Callable[[Platform], None]] = {
    "a script that compiles to gigabytes": lambda platform: asked(
        platform, "/api/scheduled-tasks/check-script", {"script_content": nested(14)}
    ),
    "a block of dependencies without end": lambda platform: asked(
        platform, "/api/scheduled-tasks/test-script", {"script_content": "# /// a\n" * 131_000}
    ),
    "brackets without end": lambda platform: asked(
        platform,
        "/api/scheduled-tasks/test-script",
        {"script_content": "# /// script\n# dependencies = " + "[" * 2000 + "\n# ///\n"},
    ),
    "a large body for a hook that is none": lambda platform: asked(
        platform, "/api/hooks/" + "x" * 43, {"params": ["x"] * 600_000}
    ),
    "Markdown that pairs nothing": lambda platform: asked(
        platform,
        "/api/messages/preview",
        {"channel_type": "dingtalk_bot", "result": {"content": "![[*`<" * 10_000}},
    ),
}


@pytest.mark.parametrize("what", ACTS)
def test_a_request_costs_the_others_little(platform: Platform, what: str) -> None:
    with watched(platform, what):
        ACTS[what](platform)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_costs_the_others_little(platform: Platform, template: str) -> None:
    with watched(platform, template), Webhook() as webhook:
        ran(platform, execution_type="webhook", webhook_url=webhook.url, webhook_body_template=template)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_costs_the_others_little(platform: Platform, script: str) -> None:
    with watched(platform, script):
        ran(platform, execution_type="script", script_content=script)


def test_an_answer_costs_the_others_little(platform: Platform) -> None:
    deep = b'{"result": ' + b"[" * 500 + b"]" * 500 + b"}"
    large = b'{"result": [' + b'"x",' * 1_800_000 + b'"x"]}'
    for answer in (deep, large):
        with watched(platform, f"{answer[:20]!r}…"), Webhook((200, answer)) as webhook:
            ran(platform, execution_type="webhook", webhook_url=webhook.url)
