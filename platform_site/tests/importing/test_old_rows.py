"""What becomes of single values of the old systems, and what the report says of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from notifications.models import NotifyChannel, WeComApp
from platform_site.tests.importing.old_schema import GUESSED, PLATFORM, WECHATJOB
from platform_site.tests.importing.running import Old, changed, report
from scheduling.models import Run, ScheduledTask, ScriptVar
from tenants.models import Secret, Tenant, TenantConfig
from tenants.secrets import secret_value

pytestmark = pytest.mark.django_db
BOTH = f"{PLATFORM.rstrip()};{GUESSED}"
DAILY = "platform_scheduled_tasks 11"


class Given:
    """The old platform's database, with some SQL on top."""

    def __init__(self, old: Old) -> None:
        self.old = old

    def __call__(self, *sql: str, apply: bool = True) -> dict[str, Any]:
        dsn = self.old(";\n".join([BOTH, *sql]))
        return report("import_platform", dsn, *(["--apply"] if apply else []))

    def task(self, **columns: Any) -> tuple[ScheduledTask | None, dict[str, Any]]:
        """Task 11 with these columns, and the report."""
        summary = self(changed("platform_scheduled_tasks", 11, **columns))
        return ScheduledTask.objects.filter(task_name="daily").first(), summary


@pytest.fixture
def given(sqlite_old: Old) -> Given:
    return Given(sqlite_old)


def of(lines: list[str], where: str) -> list[str]:
    return [line.removeprefix(f"{where}: ") for line in lines if line.startswith(f"{where}: ")]


class TestValues:
    @pytest.mark.parametrize("value", ["null", None, "", "[]"])
    def test_jsons_null_names_no_channels(self, given: Given, value: str | None) -> None:
        task, _ = given.task(notify_channels=value)
        assert task is not None
        assert task.notify_channels == []

    @pytest.mark.parametrize("value", ["null", None, "", "{}"])
    def test_jsons_null_is_no_parameters(self, given: Given, value: str | None) -> None:
        task, _ = given.task(input_params=value)
        assert task is not None
        assert task.input_params == {}

    @pytest.mark.parametrize(
        ("column", "value", "why"),
        [
            ("notify_channels", "8", "This JSON is not a list."),
            ("notify_channels", "[8", "This is not valid JSON."),
            ("input_params", "[8]", "This JSON is not an object."),
            ("input_params", '{"a": NaN}', "This is not valid JSON."),
            pytest.param(
                "input_params", "[" * 500 + "]" * 500, "This is nested more than 64 levels deep.", id="deep"
            ),
            ("time_points", "null", "This field is required for the chosen kind of schedule."),
            ("time_points", "[8]", "8 is not a time such as 08:00."),
            (
                "time_points",
                '["25:00"]',
                "“25:00” is not a time point; write HH:MM or HH:MM:SS, from 00:00 to 23:59:59.",
            ),
            ("retry_count", -1, "This must be at least 0."),
            ("retry_count", 32000, "This must be at most 100."),
            ("retry_count", "often", "This must be a whole number."),
            ("task_name", "", "This is too short: the minimum length is 1."),
            ("task_name", "x" * 101, "This is too long: the maximum length is 100."),
            (
                "timezone",
                "Nowhere/City",
                "“Nowhere/City” is not a time zone; write a name such as Asia/Shanghai.",
            ),
            ("created_at", "0001-01-01 00:00:00", "The year must be between 1970 and 9000."),
            ("last_run_at", "yesterday", "This is not a time."),
            ("execution_type", "shell", "Value 'shell' is not a valid choice."),
            ("alert_webhook", "ftp://x", "This web address can't be used: not an http:// or https:// URL"),
        ],
    )
    def test_a_task_that_can_not_be_taken_is_left_with_its_column_and_why(
        self, given: Given, column: str, value: Any, why: str
    ) -> None:
        task, summary = given.task(**{column: value})
        assert task is None
        assert of(summary["left"], DAILY) == [f"{column}: {why}"]
        assert summary["taken"]["tasks"] == 1  # the other one

    def test_a_time_point_without_its_zeros_is_the_same_time(self, given: Given) -> None:
        task, _ = given.task(time_points='["8:00", "9:5", "12:30:15"]')
        assert task is not None
        assert task.time_points == ["08:00", "09:05", "12:30:15"]

    def test_an_older_versions_missing_columns_have_their_defaults(self, given: Given) -> None:
        missing = (
            "script_deps",
            "timezone",
            "notify_wecom_app_id",
            "alert_webhook",
            "is_enabled",
            "last_run_at",
        )
        given(*(f"ALTER TABLE platform_scheduled_tasks DROP COLUMN {column}" for column in missing))
        task = ScheduledTask.objects.get(task_name="daily")
        assert (task.timezone, task.script_deps, task.notify_wecom_app) == ("Asia/Shanghai", "", None)

    def test_rows_whose_ids_are_texts_are_all_read(
        self, given: Given, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("platform_site.importing.old_database.CHUNK", 2)
        table = (
            "DROP TABLE platform_tenant_configs; CREATE TABLE platform_tenant_configs "
            "(id TEXT, tenant_id TEXT, app_code TEXT, config_key TEXT, config_value TEXT)"
        )
        given(
            table,
            *(
                f"INSERT INTO platform_tenant_configs VALUES ('{n}', 'acme', 'a', 'k{n}', 'v')"
                for n in "abcde"
            ),
        )
        assert TenantConfig.objects.filter(app_code="a").count() == 5

    def test_text_that_is_none_in_utf_8_is_said_of_its_row(self, given: Given) -> None:
        summary = given("UPDATE platform_secrets SET secret_value = x'ff'")
        assert of(summary["left"], "platform_secrets 1") == ["secret_value: This is not text in UTF-8."]

    @pytest.mark.parametrize("codes", [("qiqi", "QIQI"), ("QIQI", "qiqi")])
    def test_of_tenants_that_differ_in_case_only_the_first_is_taken(
        self, given: Given, codes: tuple[str, str]
    ) -> None:
        summary = given(
            *(
                f"INSERT INTO platform_secrets VALUES ({number}, '{code}', 'k', 'v')"
                for number, code in enumerate(codes, 8)
            )
        )
        assert Tenant.objects.filter(code__iexact="qiqi").get().code == codes[0]
        assert Secret.objects.filter(tenant_id=codes[0]).count() == 1
        (why,) = of(summary["left"], "platform_secrets 9")
        assert why.startswith(f"tenant_id: “{codes[1]}” differs from another tenant's code only in case")

    @pytest.mark.parametrize("code", [" ", "acme ", "a\tb", "x" * 51])
    def test_what_can_be_no_tenants_code_is_said_of_the_old_column(self, given: Given, code: str) -> None:
        summary = given(changed("platform_secrets", 1, tenant_id=code))
        (why,) = of(summary["left"], "platform_secrets 1")
        assert why.startswith("tenant_id: “")
        assert "is not a valid tenant code" in why

    def test_what_is_wrong_in_the_same_way_is_said_once_with_its_old_ids(self, given: Given) -> None:
        rows = ", ".join(f"({1000 + n}, 11, 'success', '2026-03-01 08:00:00', -1)" for n in range(30))
        summary = given(
            f"INSERT INTO platform_task_logs (id, task_id, status, started_at, retry_count) VALUES {rows}"
        )
        (line,) = [line for line in summary["left"] if "retry_count" in line]
        assert line.startswith("platform_task_logs 1000, 1001, ")
        assert line.endswith("1019 and 10 more: retry_count: -1 is not between 0 and 32,766.")
        assert summary["left_rows"]["runs"] == 31

    def test_one_run_that_the_database_refuses_does_not_stop_the_others(self, given: Given) -> None:
        summary = given(changed("platform_task_logs", 100, retry_count=-1))
        assert summary["taken"]["runs"] == 1
        assert Run.objects.get().error == "boom"

    def test_an_old_configuration_without_an_interval_is_left_and_its_log_taken(
        self, sqlite_old: Old
    ) -> None:
        dsn = sqlite_old(f"{WECHATJOB};{changed('task_configs', 1, interval_minutes=None)}")
        summary = report("import_wechatjob", dsn, "--apply")
        assert of(summary["left"], "task_configs 1") == ["interval_minutes: This must not be empty."]
        assert summary["taken"]["runs"] == 3


class TestCron:
    def test_an_expression_is_taken_as_what_it_meant(self, given: Given) -> None:
        task, summary = given.task(schedule_type="cron", cron_expression="0 9 1-7 * mon")
        assert task is not None
        assert task.cron_expression == "0 9 * * MON#1"
        (note,) = [line for line in of(summary["notes"], DAILY) if "CRON" in line]
        assert note.startswith("The CRON expression “0 9 1-7 * mon” was rewritten as “0 9 * * MON#1”")

    def test_last_is_the_months_last_day(self, given: Given) -> None:
        task, _ = given.task(schedule_type="cron", cron_expression="30 18 last * *")
        assert task is not None
        assert task.cron_expression == "30 18 L * *"

    @pytest.mark.parametrize(
        ("expression", "why"),
        [
            ("0 9 13 * fri", "fired on days that match both day fields"),
            ("@daily", "it never fired"),
            ("", "is required for"),
        ],
    )
    def test_what_can_not_be_said_is_left_in_words(self, given: Given, expression: str, why: str) -> None:
        task, summary = given.task(schedule_type="cron", cron_expression=expression)
        assert task is None
        (line,) = of(summary["left"], DAILY)
        assert line.startswith("cron_expression: ")
        assert why in line

    def test_one_that_a_task_does_not_fire_by_is_no_reason_to_leave_it(self, given: Given) -> None:
        task, _ = given.task(cron_expression="61 * * * *")
        assert task is not None
        assert task.cron_expression == ""


class TestSecrets:
    def test_a_global_secret_is_shared_as_it_was(self, given: Given) -> None:
        summary = given("INSERT INTO platform_secrets VALUES (2, NULL, 'everybodys', 'v')")
        assert secret_value("acme", "everybodys") == "v"
        assert not Secret.objects.get(tenant_id="acme").is_shared
        notes = of(summary["notes"], "platform_secrets 2")
        assert any(note.startswith("This global secret is shared") for note in notes)


class TestOthers:
    def test_a_channel_of_another_tenant_is_named_by_its_old_id_and_the_task_is_taken(
        self, given: Given
    ) -> None:
        task, summary = given.task(tenant_id="other", notify_channels="[7]")
        assert task is not None
        assert task.notify_channels == []
        assert any(
            note.startswith("Its channel 7 belongs to the tenant acme")
            for note in of(summary["notes"], DAILY)
        )

    def test_so_is_a_wecom_app_of_another_tenant(self, given: Given) -> None:
        task, summary = given.task(tenant_id="other")
        assert task is not None
        assert task.notify_wecom_app is None
        assert any(
            note.startswith("Its WeCom app 5 belongs to the tenant acme")
            for note in of(summary["notes"], DAILY)
        )

    def test_a_global_task_keeps_a_tenants_channel(self, given: Given) -> None:
        task, _ = given.task(tenant_id=None, notify_channels="[7]")
        assert task is not None
        assert task.notify_channels == [NotifyChannel.objects.get().pk]

    def test_a_wecom_app_that_has_been_deleted_here_is_named_by_its_old_id(self, given: Given) -> None:
        given("DELETE FROM platform_scheduled_tasks")
        WeComApp.objects.all().delete()
        summary = given()
        assert any(
            note.startswith("Its WeCom app 5 was not imported") for note in of(summary["notes"], DAILY)
        )

    def test_configs_of_a_tenant_that_nothing_else_names_bring_it_along(self, given: Given) -> None:
        given(
            "INSERT INTO platform_tenant_configs VALUES (2, 'quiet', 'crm', 'base_url', 'https://quiet.example.com')"
        )
        assert TenantConfig.objects.get(tenant_id="quiet").value == "https://quiet.example.com"

    def test_a_config_of_no_tenant_says_so(self, given: Given) -> None:
        summary = given("INSERT INTO platform_tenant_configs VALUES (2, NULL, 'crm', 'base_url', 'x')")
        assert of(summary["left"], "platform_tenant_configs 2") == ["tenant_id: The row names no tenant."]

    def test_rows_keep_when_they_were_made(self, given: Given) -> None:
        task, _ = given.task(created_at="2024-05-06 08:00:00")
        assert task is not None
        assert task.created_at == datetime(2024, 5, 6, tzinfo=UTC)
        assert WeComApp.objects.get().created_at == datetime(2025, 6, 1, tzinfo=UTC)
        assert Tenant.objects.get(code="acme").created_at == datetime(2025, 6, 1, tzinfo=UTC)

    def test_a_private_address_names_the_setting_that_opens_it(self, given: Given) -> None:
        with override_settings(OUTBOUND_ALLOWED_NETWORKS=(IPv4Network("10.1.0.0/16"),)):
            _, summary = given.task(webhook_url="http://10.0.0.5/run", alert_webhook="http://10.1.0.5/alert")
        (note,) = [line for line in of(summary["notes"], DAILY) if "OUTBOUND_ALLOWED_NETWORKS" in line]
        assert note.startswith("webhook_url: 10.0.0.5 is a private address.")

    @pytest.mark.parametrize(
        "host", ["192.168.1.5", "[fd00::1]:8080", "localhost", "dify-api:5001", "dify.corp"]
    )
    def test_so_does_a_private_dify(self, sqlite_old: Old, host: str) -> None:
        config = changed("task_configs", 1, dify_url=f"http://{host}/v1/workflows/run")
        summary = report("import_wechatjob", sqlite_old(f"{WECHATJOB};{config}"))
        assert any("OUTBOUND_ALLOWED_NETWORKS" in note for note in of(summary["notes"], "task_configs 1"))

    def test_a_variable_that_no_script_could_have_set_here_is_left(self, given: Given) -> None:
        summary = given(changed("platform_script_vars", 1, var_value="x" * 70_000))
        assert of(summary["left"], "platform_script_vars 1") == [
            "var_value: The value must not exceed 64 KiB as JSON."
        ]
        assert not ScriptVar.objects.exists()


class TestRunsUnderWay:
    RUNNING = (
        "UPDATE platform_task_logs SET status = 'running', finished_at = NULL, output = NULL WHERE id = 100"
    )

    def test_they_are_here_as_ended_and_say_so(self, given: Given) -> None:
        summary = given(self.RUNNING)
        run = Run.objects.order_by("pk")[0]
        assert run.status == "failed"
        assert run.error.startswith("The run had not ended in the old system when it was imported")
        (note,) = of(summary["notes"], "platform_task_logs 100")
        assert "Import again" in note

    def test_their_end_is_taken_over_by_the_next_import(self, given: Given) -> None:
        given(self.RUNNING)
        summary = given()  # the same database, where it has ended by now
        assert (summary["taken"]["runs"], summary["here"]["runs"]) == (1, 1)
        run = Run.objects.order_by("pk")[0]
        assert (run.status, run.output, run.error, run.duration_ms) == ("success", "done", "", 2000)
        assert Run.objects.count() == 2

    def test_a_status_that_is_unknown_here_is_named(self, given: Given) -> None:
        given(changed("platform_task_logs", 100, status="timeout"))
        run = Run.objects.order_by("pk")[0]
        assert (run.status, run.error) == ("failed", "The status in the old system was “timeout”.")


class TestTwoServers:
    def test_databases_of_one_name_are_two(self, given: Given, tmp_path: Path) -> None:
        first = given()
        (tmp_path / "old.db").rename(tmp_path / "first.db")
        (tmp_path / "other").mkdir()
        (tmp_path / "first.db").rename(tmp_path / "other" / "old.db")
        summary = report("import_platform", f"sqlite:///{tmp_path / 'other' / 'old.db'}", "--apply")
        assert summary["taken"]["tasks"] == first["taken"]["tasks"]
        assert summary["taken"]["runs"] == first["taken"]["runs"]

    def test_one_that_has_moved_is_known_by_its_name(self, given: Given, tmp_path: Path) -> None:
        dsn = given.old(BOTH)
        first = report("import_platform", dsn, "--apply", "--known-as", "shop")
        (tmp_path / "old.db").rename(tmp_path / "moved.db")
        moved = f"sqlite:///{tmp_path / 'moved.db'}"
        assert report("import_platform", moved, "--apply", "--known-as", "shop")["here"] == first["taken"]


def test_a_report_speaks_one_language(given: Given, sqlite_old: Old) -> None:
    summary = given(
        changed(
            "platform_scheduled_tasks", 11, timezone="x", alert_webhook="ftp://x", time_points='["25:00"]'
        ),
        changed("platform_secrets", 1, secret_value="x" * 200_000),
        changed("platform_task_notify_channels", 7, channel_type="other"),
    )
    assert len(summary["left"]) > 4
    assert not re.search("[\u4e00-\u9fff]", " ".join(summary["left"] + summary["notes"]))
