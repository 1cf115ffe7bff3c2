"""Each part's findings against real parts: the test database, the test Redis, this host."""

from __future__ import annotations

import ipaddress
import json
import shutil
from collections import namedtuple
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings
from pytest_django import Settings
from redis import Redis

from common import process_registry
from common.crypto import Keyring, new_key
from notifications.models import NotifyChannel
from platform_site.doctor import broker, calendars, database, dify, examine, host, keys, processes
from platform_site.doctor.finding import Finding
from scheduling.acts import calendars as calendar_acts
from scheduling.models import Calendar, ScheduledTask
from scheduling.tests import make
from tenants.access import SYSTEM
from testing.servers.redis_server import RedisServer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
Usage = namedtuple("Usage", "total used free")


def grades(findings: list[Finding]) -> dict[str, str]:
    """The worst grade of each part."""
    order = ["ok", "warning", "problem"]
    worst: dict[str, str] = {}
    for finding in findings:
        worst[finding.part] = max(worst.get(finding.part, "ok"), finding.grade, key=order.index)
    return worst


def all_alive() -> None:
    process_registry.announce(process_registry.ProcessEntry("beat", "b", [], 0))
    process_registry.announce(process_registry.ProcessEntry("web", "web@host:1", [], 16))
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["io", "notify", "script"], 4))


def test_a_platform_that_works_is_well() -> None:
    all_alive()
    found = grades(examine())
    assert {part for part, grade in found.items() if grade == "problem"} == set()
    assert {
        "settings",
        "database",
        "redis",
        "clock",
        "beat",
        "workers",
        "outbox",
        "sandbox",
        "outbound",
        "disk",
        "calendars",
        "keys",
        "web",
    } == set(found)


def test_every_fault_comes_with_a_fix() -> None:
    assert all(finding.fix for finding in examine() if finding.grade != "ok")


@pytest.mark.parametrize(("alive", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_says_whether_due_tasks_would_run(alive: bool, code: int) -> None:
    if alive:
        all_alive()
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (ended.value.code, report["ok"]) == (code, alive)
    assert {"part", "grade", "text", "fix"} == set(report["findings"][0])


def test_in_words_a_fix_follows_its_finding() -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    lines = out.getvalue().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("problem beat"))
    assert lines[at + 1].strip().startswith("→ Start")


def test_a_silent_beat_is_a_problem() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        process_registry.announce(process_registry.ProcessEntry("beat", "b", [], 0))
        clock.shift(12)
        [finding] = processes.beat()
    assert finding.grade == "problem"
    assert "last tick was 12 s ago" in finding.text


def test_a_queue_that_nobody_serves_is_named() -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["io", "notify"], 4))
    [finding] = processes.workers()
    assert (finding.grade, "script" in finding.text) == ("problem", True)


def test_without_redis_all_that_needs_it_is_a_problem(redis_server: RedisServer) -> None:
    redis_server.stop()
    try:
        found = grades([*broker.findings(), *processes.beat(), *processes.workers()])
    finally:
        redis_server.start()
    assert found == {"redis": "problem", "beat": "problem", "workers": "problem"}


def test_what_is_said_of_a_silent_redis_is_true_where_one_is_named(
    redis_server: RedisServer, settings: Settings
) -> None:
    redis_server.stop()
    try:
        for settings.REDIS_EMBEDDED, fix in ((False, "correct REDIS_URL"), (True, "`make up`")):
            [finding] = broker.findings()
            assert fix in finding.fix
    finally:
        redis_server.start()


def test_a_web_that_is_down_is_found() -> None:
    [finding] = processes.web()
    assert (finding.part, finding.grade) == ("web", "warning")  # due tasks run without it
    process_registry.announce(process_registry.ProcessEntry("web", "web@host:1", [], 16))
    assert [finding.grade for finding in processes.web()] == ["ok"]


def test_keys_that_do_not_open_what_is_stored_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    NotifyChannel.objects.create(
        tenant=make.tenant(),
        channel_name="ops",
        channel_type="dingtalk_bot",
        webhook_url="https://example.com",
    )
    assert [finding.grade for finding in keys.findings()] == ["ok"]
    monkeypatch.setattr(keys, "keyring", lambda: Keyring([new_key()]))
    [finding] = keys.findings()
    assert (finding.part, finding.grade) == ("keys", "problem")
    assert "platform_task_notify_channels.webhook_url" in finding.text


def test_a_redis_that_evicts_is_warned_of(redis: Redis) -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        found = list(broker.findings())
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    assert "it may evict keys (allkeys-lru)" in [finding.text for finding in found]


def test_an_old_redis_is_refused() -> None:
    assert [broker.version(text).grade for text in ("5.0.14", "6.0.16", "6.2.14", "7.0", "10.1.0")] == [
        "problem",
        "problem",
        "ok",
        "ok",
        "ok",
    ]


@pytest.mark.parametrize(
    ("aof", "status", "grade"), [(1, "ok", "ok"), (1, "err", "problem"), (0, "ok", "warning")]
)
def test_what_redis_keeps_is_looked_at(aof: int, status: str, grade: str) -> None:
    assert broker.persistence({"aof_enabled": aof, "aof_last_write_status": status}).grade == grade


@pytest.mark.parametrize(
    ("theirs", "grade"), [(100.0, "ok"), (104.0, "ok"), (97.0, "warning"), (107.5, "warning")]
)
def test_a_clock_counts_only_beyond_what_the_question_took(theirs: float, grade: str) -> None:
    assert broker.clock(theirs, before=99.5, after=105.0).grade == grade


def test_a_missing_migration_is_named() -> None:
    call_command("migrate", "notifications", "zero", fake=True, verbosity=0)
    finding = database.migrations()
    assert finding.grade == "problem"
    assert "notifications.0001_initial" in finding.text


@override_settings(SANDBOX_MIN_LEVEL=3)
def test_a_sandbox_below_what_is_asked_for_is_a_problem() -> None:
    [finding] = host.sandbox()
    assert finding.grade == "problem"


@override_settings(SANDBOX_MIN_LEVEL=3, SANDBOX_UNSAFE=True)
def test_a_sandbox_that_is_switched_off_is_warned_of() -> None:
    [finding] = host.sandbox()
    assert (finding.grade, finding.fix) == ("warning", "Unset SANDBOX_UNSAFE.")


def test_a_full_disk_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 200 << 20))
    [finding] = host.disk()
    assert (finding.grade, finding.text.startswith("200 MiB left")) == ("problem", True)


def test_a_door_open_to_everything_is_warned_of(settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = (ipaddress.ip_network("0.0.0.0/0"),)
    [finding] = host.outbound()
    assert finding.grade == "warning"


def test_an_open_port_without_tls_and_debug_are_warned_of(settings: Settings) -> None:
    settings.HOST, settings.DEBUG = "0.0.0.0", True
    assert [finding.grade for finding in host.check_settings()] == ["ok", "warning", "warning"]


def test_a_default_task_whose_dify_is_away_is_warned_of(redis_port: int) -> None:
    ScheduledTask.objects.create(
        task_name="default", execution_type="dify", is_default=True, dify_url="http://127.0.0.1:1/v1"
    )
    [finding] = dify.findings()
    assert (finding.part, finding.grade) == ("dify", "warning")


def test_a_year_that_tasks_fire_in_by_a_guess_is_warned_of() -> None:
    make.task(calendar="cn_workday")
    with time_machine.travel(datetime(2090, 6, 1, tzinfo=UTC), tick=False):
        [finding] = calendars.findings()
        assert (finding.grade, "2090" in finding.text, "acme" in finding.text) == ("warning", True, True)
        calendar_acts.confirm(Calendar.objects.get(code="cn_workday"), 2090, True, SYSTEM)
        assert [finding.grade for finding in calendars.findings()] == ["ok"]
