"""export_tasks and import_tasks: what goes out comes back the same, and nothing is half done."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import NotifyChannel, WeComApp
from platform_site.importing.document import Document, Dumper, Loader, UnreadableDocumentError, read_document
from platform_site.importing.keys import rows_by_key
from platform_site.importing.plan import carry_out, plan
from platform_site.importing.step import DocumentRefusedError
from scheduling.acts import tasks as task_acts
from scheduling.models import ScheduledTask, TaskVersion
from scheduling.tests import make
from tenants.access import SYSTEM

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
SCRIPT = "log('begun')\nresult = {'title': '日报',\t'content': 'x'}  \n"
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"


@given(VALUES)
def test_any_json_value_comes_back_the_same(value: Any) -> None:
    assert yaml.load(yaml.dump(value, Dumper=Dumper, allow_unicode=True), Loader) == value


@pytest.mark.parametrize(
    "text", ["12:30", "08:00", "2026-01-31", "2026-01-31T08:00:00+08:00", "yes", "on", "0o7", "1_0"]
)
def test_what_people_write_without_quotes_is_text(text: str) -> None:
    assert read_document(f"format: 1\ntasks: [{{time: {text}}}]").tasks == [{"time": text}]


def test_a_script_is_written_as_it_stands() -> None:
    assert "  log('begun')\n  result = 1\n" in yaml.dump({"s": "log('begun')\nresult = 1\n"}, Dumper=Dumper)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "not valid YAML"),
        pytest.param("[" * 2000, "nested too deeply", id="deep"),
        ("tasks: []", "must begin with"),
        ("format: 1\ntasks: {}", "list"),
        ("format: 1\ntasks: [1]", "list"),
        ("format: 1\ntasks: []\ncalendars: shop", "list of calendars"),
    ],
)
def test_another_document_is_refused(text: str, why: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=why):
        read_document(text)


@pytest.fixture
def channel() -> NotifyChannel:
    return NotifyChannel.objects.create(
        tenant=make.tenant(), channel_name="ops", channel_type="dingtalk_bot", webhook_url=ROBOT
    )


def tasks_of_each_kind(channel: NotifyChannel) -> list[ScheduledTask]:
    app = WeComApp.objects.create(
        tenant=channel.tenant, app_name="app", corp_id="c", agent_id=1, corp_secret="s"
    )
    return [
        make.task(
            task_name="daily",
            tags=["财务", "daily"],
            script_content=SCRIPT,
            script_deps="pandas>=2",
            notify_channels=[channel.pk],
        ),
        make.task(task_name="daily", input_params={"a": [1, "12:30", None]}, priority=9, is_enabled=False),
        make.task(
            task_name="同步",
            execution_type="dify",
            schedule_type="interval",
            interval_minutes=15,
            cron_expression="",
            script_content="",
            use_windows=True,
            dify_url="https://dify.example.com/v1",
            dify_api_key="app-secret",
            start_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        make.task(
            task_name="hook",
            tenant=None,
            execution_type="webhook",
            script_content="",
            webhook_url="https://example.com/run?token=hidden",
            webhook_headers='{"X-Key": "hidden-key"}',
            webhook_secret="hidden-secret",
            webhook_success_condition="errcode == 0",
            notify_channels=[channel.pk],
            notify_wecom_app=app,
        ),
    ]


def exported(*arguments: str) -> str:
    out = StringIO()
    call_command("export_tasks", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestRoundTrip:
    def test_an_import_of_an_export_changes_nothing(self, channel: NotifyChannel) -> None:
        tasks_of_each_kind(channel)
        steps = plan(read_document(exported()), {}, make.NOW)
        assert [step.act for step in steps] == ["keep"] * 4
        carry_out(steps, make.NOW)
        assert TaskVersion.objects.count() == 4

    def test_tasks_made_anew_are_the_same(self, channel: NotifyChannel) -> None:
        tasks_of_each_kind(channel)
        text = exported()
        secrets = {
            "acme/同步/dify_api_key": "app-secret",
            "/hook/webhook_url": "https://example.com/run?token=hidden",
            "/hook/webhook_headers": '{"X-Key": "hidden-key"}',
            "/hook/webhook_secret": "hidden-secret",
        }
        before = [columns(task) for task in ScheduledTask.objects.order_by("pk")]
        for task in ScheduledTask.objects.all():
            task_acts.delete(task.pk, SYSTEM, make.NOW)
        carry_out(plan(read_document(text), secrets, make.NOW), make.NOW)
        assert [columns(task) for task in ScheduledTask.objects.order_by("pk")] == before
        assert exported() == text

    def test_no_secret_is_written(self, channel: NotifyChannel) -> None:
        tasks_of_each_kind(channel)
        text = exported()
        assert not [word for word in ("app-secret", "hidden", "hidden-key", "hidden-secret") if word in text]

    def test_one_tenants_tasks_or_named_ones(self, channel: NotifyChannel) -> None:
        tasks_of_each_kind(channel)
        assert [entry["task_name"] for entry in read_document(exported("--tenant", "acme")).tasks] == [
            "daily",
            "daily",
            "同步",
        ]
        assert [entry["task_name"] for entry in read_document(exported("hook")).tasks] == ["hook"]
        with pytest.raises(CommandError, match="do not exist: nothing"):
            exported("nothing")


def columns(task: ScheduledTask) -> dict[str, Any]:
    passing = {"id", "created_at", "updated_at", "anchor_at", "next_run_at", "deps_status"}
    return {
        f.name: f.value_from_object(task)
        for f in ScheduledTask._meta.concrete_fields
        if f.name not in passing
    }


def wanted(**fields: Any) -> dict[str, Any]:
    return {
        "tenant_id": "acme",
        "task_name": "new",
        "time_points": ["08:00"],
        "script_content": "result = 1",
    } | fields


@pytest.mark.django_db
class TestPlan:
    def test_what_the_document_leaves_out_goes_back_to_its_default(self) -> None:
        make.tenant()
        carry_out(plan(Document([wanted(priority=9)]), {}, make.NOW), make.NOW)
        (step,) = plan(Document([wanted()]), {}, make.NOW)
        assert (step.act, step.fields) == ("update", {"priority": [9, 5]})

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"task_nam": "x"}, "task_nam"),
            ({"time_points": ["25:00"]}, "time_points"),
            ({"tenant_id": "nobody"}, "tenant_id"),
            ({"notify_channels": ["acme/nothing"]}, "“acme/nothing” does not exist here"),
            ({"dify_api_key": {"secret": "key"}}, "the secret “key” is missing"),
            ({"script_content": "result = ("}, "script_content"),
        ],
    )
    def test_one_wrong_task_keeps_all_from_being_made(self, fields: dict[str, Any], why: str) -> None:
        make.tenant()
        with pytest.raises(DocumentRefusedError, match=why):
            carry_out(plan(Document([wanted(), wanted(task_name="wrong") | fields]), {}, make.NOW), make.NOW)
        assert not ScheduledTask.objects.exists()

    @given(
        st.sampled_from([field.name for field in ScheduledTask._meta.concrete_fields] + ["notify_wecom_app"]),
        VALUES | st.builds(dict, secret=VALUES),
    )
    def test_no_value_of_a_column_ends_a_plan(self, column: str, value: Any) -> None:
        entry = {"task_name": "new", "time_points": ["08:00"], "script_content": "result = 1"} | {
            column: value
        }
        with suppress(DocumentRefusedError), transaction.atomic():
            carry_out(plan(Document([entry]), {"text": "no JSON"}, make.NOW), make.NOW)
            transaction.set_rollback(True)

    def test_headers_that_are_no_json_are_refused(self) -> None:
        entry = {"task_name": "new", "webhook_headers": {"secret": "headers"}}
        with pytest.raises(
            DocumentRefusedError, match="webhook_headers: the secret “headers” must be a JSON object"
        ):
            plan(Document([entry]), {"headers": "X-Token: 1"}, make.NOW)

    def test_a_task_changed_after_the_plan_was_made_is_not_overwritten(self) -> None:
        stored = make.task(task_name="new")
        steps = plan(Document([wanted()]), {}, make.NOW)
        task_acts.update(stored.pk, lambda task: setattr(task, "priority", 7), SYSTEM, make.NOW)
        with pytest.raises(DocumentRefusedError, match="in the meantime"):
            carry_out(steps, make.NOW)

    def test_the_second_task_of_a_name_has_a_key_of_its_own(self) -> None:
        tasks = [make.task(task_name="x"), make.task(task_name="x#2"), make.task(task_name="x")]
        assert {key: row.pk for key, row in rows_by_key(tasks).items()} == {
            "acme/x": tasks[0].pk,
            "acme/x#2": tasks[1].pk,
            "acme/x#3": tasks[2].pk,
        }


@pytest.mark.django_db
class TestCommand:
    def imported(self, folder: Path, text: str, *arguments: str) -> str:
        (folder / "tasks.yaml").write_text(text)
        out = StringIO()
        call_command("import_tasks", str(folder / "tasks.yaml"), *arguments, stdout=out)
        return out.getvalue()

    def test_a_dry_run_shows_the_difference_and_says_so_by_its_exit_code(self, tmp_path: Path) -> None:
        make.task(timezone.now(), task_name="report", script_content="a = 1\nresult = 1\n")
        text = exported().replace("result = 1", "result = 2")
        with pytest.raises(SystemExit) as ended:
            self.imported(tmp_path, text, "--dry-run")
        assert ended.value.code == 2
        output = self.imported(tmp_path, text)
        assert "~ acme/report" in output
        assert "      -result = 1\n      +result = 2\n" in output
        assert output.endswith("0 to create, 1 to change, 0 as they are.\n")
        assert ScheduledTask.objects.get().script_content == "a = 1\nresult = 2\n"

    def test_secrets_come_from_a_file_of_their_own_and_are_not_shown(self, tmp_path: Path) -> None:
        make.tenant()
        (tmp_path / "secrets.yaml").write_text("key: app-hidden")
        entry = wanted(
            execution_type="dify", dify_url="https://dify.example.com", dify_api_key={"secret": "key"}
        )
        text = yaml.safe_dump({"format": 1, "tasks": [entry]})
        output = self.imported(tmp_path, text, "--secrets", str(tmp_path / "secrets.yaml"), "--json")
        assert ScheduledTask.objects.get().dify_api_key == "app-hidden"
        assert json.loads(output)[0]["fields"]["dify_api_key"] == ["***", "***"]
        assert "app-hidden" not in output

    def test_a_refused_document_says_every_reason(self, tmp_path: Path) -> None:
        make.tenant()
        text = yaml.safe_dump(
            {"format": 1, "tasks": [wanted(priority=10), wanted(task_name="", timezone="Mars")]}
        )
        with pytest.raises(CommandError) as refused:
            self.imported(tmp_path, text)
        assert "acme/new: priority" in str(refused.value)
        assert "acme/: task_name" in str(refused.value)
