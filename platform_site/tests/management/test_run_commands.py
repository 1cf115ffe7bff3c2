"""`manage.py run_task` and `manage.py backfill`."""

from __future__ import annotations

import json
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import transitions
from scheduling.models import Backfill, Run, RunLine
from scheduling.tests import make
from scheduling.worker.claim import claim
from tenants.models import AuditEntry
from testing.patience import eventually

pytestmark = pytest.mark.django_db
DAY = ("--from", "2026-03-01", "--to", "2026-03-02T00:00+00:00")


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue()


class TestRunTask:
    def test_it_queues_a_run_with_params_over_the_tasks_own(self) -> None:
        task = make.task(input_params={"a": 1, "b": 1}, is_enabled=False)
        text = output_of("run_task", str(task.pk), "--params", '{"b": 2}')
        run = Run.objects.get()
        assert (run.trigger, run.params, run.status) == ("manual", {"a": 1, "b": 2}, "queued")
        assert run.trace_id in text
        assert AuditEntry.objects.filter(action="run", username="system").exists()

    def test_a_task_is_named_by_its_id_or_its_name(self) -> None:
        make.task(task_name="one"), make.task(task_name="two"), make.task(task_name="two")
        output_of("run_task", "one")
        with pytest.raises(CommandError, match="Several"):
            output_of("run_task", "two")
        with pytest.raises(CommandError, match="does not exist"):
            output_of("run_task", "three")

    def test_a_program_gets_the_run_as_json(self) -> None:
        make.task()
        shown = json.loads(output_of("run_task", "report", "--json"))
        run = Run.objects.get()
        assert (shown["id"], shown["trace_id"], shown["status"]) == (run.pk, run.trace_id, "queued")

    @pytest.mark.parametrize("params", ["{", "[1]"])
    def test_params_are_a_json_object(self, params: str) -> None:
        make.task()
        with pytest.raises(CommandError, match="JSON"):
            output_of("run_task", "report", "--params", params)
        assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestWait:
    def carry_out(self, outcome: Outcome) -> None:
        """A worker of its own, on a connection of its own."""
        run = eventually(lambda: Run.objects.filter(status="queued").first())
        assert run is not None
        found = claim(run.trace_id, "w", timezone.now())
        assert found is not None
        RunLine.objects.create(run=run, seq=1, at=timezone.now(), stream="log", text="half way")
        transitions.finish(found[0], outcome, timezone.now())
        connection.close()

    def waited(self, outcome: Outcome, *options: str) -> str:
        make.task(timezone.now())
        worker = threading.Thread(target=self.carry_out, args=(outcome,))
        worker.start()
        try:
            return output_of("run_task", "report", "--wait", *options)
        finally:
            worker.join()

    def test_it_shows_the_lines_and_the_end(self) -> None:
        text = self.waited(success())
        assert "log    half way" in text
        assert text.splitlines()[-1].endswith(": success")

    def test_a_program_gets_the_end_alone(self) -> None:
        shown = json.loads(self.waited(success(result={"rows": 3}), "--json"))
        assert (shown["status"], shown["result"]) == ("success", {"rows": 3})

    def test_a_failure_is_the_commands_failure(self) -> None:
        with pytest.raises(SystemExit) as ended:
            self.waited(failed("http_status", "HTTP 500"))
        assert ended.value.code == 1


class TestBackfill:
    def test_times_without_an_offset_are_of_the_tasks_zone(self) -> None:
        make.task(cron_expression="0 8 * * *", timezone="Asia/Shanghai")
        dry = output_of("backfill", "report", *DAY, "--dry-run")
        assert dry == "2026-03-01 08:00:00+0800\n"
        assert not Backfill.objects.exists()

    def test_a_program_gets_json(self) -> None:
        make.task(cron_expression="0 8 * * *", timezone="Asia/Shanghai")
        dry = json.loads(output_of("backfill", "report", *DAY, "--dry-run", "--json"))
        assert dry == {"total": 1, "due_at": ["2026-03-01T08:00:00+08:00"]}
        shown = json.loads(output_of("backfill", "report", *DAY, "--json"))
        assert shown == {"id": Backfill.objects.get().pk, "total": 1}

    def test_it_queues_the_runs(self) -> None:
        make.task(cron_expression="0 * * * *")
        assert output_of("backfill", "report", *DAY, "--max-parallel", "2").endswith("24 runs are queued.\n")
        assert (Backfill.objects.get().max_parallel, Run.objects.count()) == (2, 24)

    def test_an_incomplete_task_has_none(self) -> None:
        task = make.task(cron_expression="0 * * * *")
        type(task).objects.update(is_enabled=False, script_content="")
        with pytest.raises(
            CommandError, match=r"Fill in these fields before the task can run: script_content\."
        ):
            output_of("backfill", "report", *DAY)
        assert not Backfill.objects.exists()

    @pytest.mark.parametrize(
        ("since", "why"), [("2026-03-09", "after its start"), ("yesterday", "not a time")]
    )
    def test_a_wrong_range_is_refused(self, since: str, why: str) -> None:
        make.task()
        with pytest.raises(CommandError, match=why):
            output_of("backfill", "report", "--from", since, "--to", "2026-03-02")
