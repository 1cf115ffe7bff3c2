"""import_wechatjob and import_platform: what the old systems knew is here once, and nothing starts by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pymysql
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from notifications.models import NotifyChannel
from platform_site.tests.importing.old_schema import PLATFORM, WECHATJOB
from platform_site.tests.importing.running import Old, report
from scheduling.acts import tasks as changes
from scheduling.models import Run, ScheduledTask, ScriptVar
from scheduling.tests import make
from tenants.access import SYSTEM
from tenants.models import AuditEntry, Secret, Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def mysql_old() -> Iterator[Old]:
    """A schema of its own on the services' server."""
    ours = settings.DATABASES["default"]
    where = {
        "host": ours["HOST"],
        "port": int(ours["PORT"]),
        "user": ours["USER"],
        "password": ours["PASSWORD"],
    }
    name = f"{connection.settings_dict['NAME']}_old"
    with closing(pymysql.connect(**where)) as server, server.cursor() as cursor:

        def made(schema: str) -> str:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
            cursor.execute(f"USE `{name}`")
            for statement in schema.split(";\n"):
                cursor.execute(statement)
            server.commit()
            return f"mysql://{where['user']}:{where['password']}@{where['host']}:{where['port']}/{name}"

        try:
            yield made
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.services)])
def old(request: pytest.FixtureRequest) -> Old:
    made: Old = request.getfixturevalue(f"{request.param}_old")
    return made


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """In UTC: the old systems' clocks showed eight hours more."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


class TestWechatjob:
    def test_its_task_and_log_are_the_default_task_and_its_runs(self, old: Old) -> None:
        summary = report("import_wechatjob", old(WECHATJOB), "--apply")
        assert summary["taken"] == {"configuration": 1, "runs": 3}
        task = ScheduledTask.objects.get(is_default=True)
        assert (task.interval_minutes, task.dify_api_key, task.last_end_time) == (30, "app-old", at(3, 1, 0))
        first, second, third = Run.objects.order_by("pk")
        assert (first.status, first.result, first.created_at) == (
            "success",
            {"text": "好"},
            at(2, 28, 23, 30, 9),
        )
        assert (first.window_start, first.window_end) == (at(2, 28, 23), at(2, 28, 23, 30))
        assert (second.status, second.result, second.error) == ("failed", "event: ping", "HTTP 500")
        assert third.status == "failed"
        assert third.error.startswith("The run had not ended in the old system")

    def test_what_is_left_is_said(self, old: Old) -> None:
        left = " ".join(report("import_wechatjob", old(WECHATJOB))["left"])
        assert "task_configs 2" in left
        assert "task_logs 4: execute_time: The row contains no time" in left

    def test_the_task_starts_only_when_asked_to(self, sqlite_old: Old) -> None:
        dsn = sqlite_old(WECHATJOB)
        summary = report("import_wechatjob", dsn, "--apply")
        assert not ScheduledTask.objects.get().is_enabled
        assert "Stop the old system" in summary["notes"][0]

    def test_with_enable_it_goes_on_where_the_old_one_stopped(self, sqlite_old: Old) -> None:
        report("import_wechatjob", sqlite_old(WECHATJOB), "--apply", "--enable")
        task = ScheduledTask.objects.get()
        assert task.is_enabled
        assert task.next_run_at is not None
        assert task.last_end_time == at(3, 1, 0)

    def test_a_default_task_that_somebody_has_set_up_is_left_alone(self, sqlite_old: Old) -> None:
        call_command("import_wechatjob", sqlite_old(WECHATJOB), stdout=StringIO())
        task = make.task(is_default=True, task_name="mine")
        changes.update(task.pk, lambda row: setattr(row, "priority", 7), SYSTEM, make.NOW)
        summary = report("import_wechatjob", sqlite_old(""), "--apply")
        assert "already been set up here" in " ".join(summary["left"])
        task.refresh_from_db()
        assert task.dify_api_key == ""


class TestPlatform:
    def test_tenants_channels_tasks_secrets_variables_and_history_are_taken(self, old: Old) -> None:
        summary = report("import_platform", old(PLATFORM), "--apply")
        assert summary["taken"] == {
            "tenants": 1,
            "channels": 1,
            "tasks": 2,
            "secrets": 1,
            "variables": 1,
            "runs": 2,
        }
        channel = NotifyChannel.objects.get()
        assert (channel.channel_name, channel.sign_secret) == ("ops", "SEC-old")
        task = ScheduledTask.objects.get(task_name="daily")
        assert (task.tenant_id, task.time_points, task.input_params) == ("acme", ["08:00", "12:00"], {"a": 1})
        assert (task.retry_count, task.notify_channels, task.last_run_at) == (2, [channel.pk], at(3, 1, 0))
        assert Secret.objects.get().value == "hidden-value"
        assert ScriptVar.objects.get().var_value == {"n": 3}
        first, second = Run.objects.order_by("pk")
        assert (first.output, first.duration_ms, first.started_at) == ("done", 2000, at(3, 1, 0))
        assert (second.status, second.error, second.retry_count) == ("failed", "boom", 2)

    def test_what_is_left_is_said_with_why(self, sqlite_old: Old) -> None:
        summary = report("import_platform", sqlite_old(PLATFORM))
        left = " | ".join(summary["left"])
        for words in (
            "platform_task_notify_channels 8: webhook_url: Write an address without spaces.",
            "platform_scheduled_tasks 13: ",
            "platform_task_logs 102: task_id: The task 99 was not imported.",
            "WeCom apps: No table is called platform_wecom_apps",
            "platform_script_vars 2: task_id: The task 99",
        ):
            assert words in left
        notes = " | ".join(summary["notes"])
        for words in (
            "“0 9 * * 1” was rewritten as “0 9 * * TUE”",
            "Its channel 8 was not imported",
            "Its WeCom app 5",
            "disabled",
        ):
            assert words in notes

    def test_this_platforms_own_database_is_refused(self, sqlite_old: Old) -> None:
        own = PLATFORM.replace("retry_count INT, created_at", "fire_at INT, retry_count INT, created_at")
        own = own[: own.index("INSERT")].rstrip(";\n ")
        with pytest.raises(CommandError, match="this platform's own"):
            report("import_platform", sqlite_old(own))

    def test_what_has_been_deleted_here_since_is_not_made_again(self, sqlite_old: Old) -> None:
        dsn = sqlite_old(PLATFORM)
        report("import_platform", dsn, "--apply")
        changes.delete(ScheduledTask.objects.get(task_name="daily").pk, SYSTEM, make.NOW)
        summary = report("import_platform", dsn, "--apply")
        assert summary["here"]["tasks"] == 2
        assert not ScheduledTask.objects.filter(task_name="daily").exists()

    @pytest.mark.services
    def test_what_mysql_alone_can_hold_is_read_as_it_was_meant(self, mysql_old: Old) -> None:
        changes = (
            ("time_points TEXT", "time_points JSON"),
            ("input_params TEXT", "input_params JSON"),
            ("schedule_type VARCHAR(10)", "schedule_type ENUM('simple', 'cron')"),
            ("is_enabled INT, created_at", "is_enabled BIT(1), created_at"),
            ("retry_count INT, retry_interval INT", "retry_count DECIMAL(40, 0), retry_interval INT"),
        )
        schema = PLATFORM
        for mine, theirs in changes:
            assert mine in schema
            schema = schema.replace(mine, theirs)
        zero = "UPDATE platform_task_notify_channels SET created_at = '0000-00-00 00:00:00'"
        huge = "UPDATE platform_scheduled_tasks SET retry_count = 1e39 WHERE id = 12"
        summary = report(
            "import_platform", mysql_old(f"SET SESSION sql_mode = '';{schema};\n{zero};\n{huge}"), "--apply"
        )
        assert NotifyChannel.objects.get().is_enabled
        task = ScheduledTask.objects.get()
        assert (task.time_points, task.input_params, task.retry_count) == (["08:00", "12:00"], {"a": 1}, 2)
        assert any(line.startswith("platform_scheduled_tasks 12: retry_count: ") for line in summary["left"])


@pytest.mark.parametrize(
    ("command", "schema"), [("import_wechatjob", WECHATJOB), ("import_platform", PLATFORM)]
)
class TestBoth:
    def test_a_dry_run_says_what_the_real_one_does_and_changes_nothing(
        self, command: str, schema: str, sqlite_old: Old
    ) -> None:
        dsn = sqlite_old(schema)
        dry = report(command, dsn)
        assert not any(model.objects.exists() for model in (ScheduledTask, Run, AuditEntry))
        assert report(command, dsn, "--apply") == dry | {"applied": True}

    def test_a_second_import_takes_nothing_twice(self, command: str, schema: str, sqlite_old: Old) -> None:
        dsn = sqlite_old(schema)
        first = report(command, dsn, "--apply")
        count = ScheduledTask.objects.count(), Run.objects.count(), Tenant.objects.count()
        second = report(command, dsn, "--apply")
        assert sum(second["taken"].values()) == 0
        assert second["here"] == first["taken"]
        assert (ScheduledTask.objects.count(), Run.objects.count(), Tenant.objects.count()) == count

    def test_another_database_is_refused_in_words(self, command: str, schema: str, sqlite_old: Old) -> None:
        del schema
        dsn = sqlite_old("CREATE TABLE something (id INTEGER)")
        if command == "import_platform":
            with pytest.raises(CommandError, match="not a database of the old system"):
                report(command, dsn)
        else:
            assert "does not exist" in report(command, dsn)["left"][0]

    def test_a_database_that_can_not_be_read_is_said_without_its_password(
        self, command: str, schema: str, tmp_path: Path
    ) -> None:
        del schema
        for dsn in (f"sqlite:///{tmp_path / 'none.db'}", "mysql://root:hidden@127.0.0.1:1/x", "postgres://x"):
            with pytest.raises(CommandError) as refused:
                report(command, dsn)
            assert "hidden" not in str(refused.value)
