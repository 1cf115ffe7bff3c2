"""`manage.py seed_demo`."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from notifications.models import Delivery, NotifyChannel
from scheduling.acts import tasks as task_acts
from scheduling.models import Run, RunDay, ScheduledTask
from scheduling.tests import make
from tenants.access import SYSTEM
from tenants.models import Tenant

pytestmark = pytest.mark.django_db


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def test_there_is_a_task_of_each_kind_and_of_each_way_to_say_when() -> None:
    seed()
    tasks = ScheduledTask.objects.filter(tenant_id="demo")
    assert {task.execution_type for task in tasks} == {"script", "webhook", "dify"}
    assert {task.schedule_type for task in tasks} == {"interval", "simple", "cron"}
    assert Run.objects.get(trigger="manual").status == "queued"


def test_there_is_a_month_of_runs_and_messages_but_no_alert() -> None:
    RunDay.objects.create(date=make.NOW.date(), tenant="")  # as beat counts days before there are runs
    with time_machine.travel(make.NOW, tick=False):
        seed()
    past = Run.objects.exclude(trigger="manual")
    assert {run.status for run in past} == {"success", "failed"}
    assert {run.execution_type for run in past.filter(status="failed")} >= {"script", "dify"}
    due = [run.due_at for run in past.order_by("pk") if run.due_at]
    assert len(due) == len(past)
    assert due == sorted(due)
    assert due[-1] - due[0] > timedelta(days=28)
    assert set(Delivery.objects.values_list("kind", "status")) == {("result", "sent")}
    assert not RunDay.objects.exists()


def test_everybody_sees_the_same_month() -> None:
    months = []
    for _ in range(2):
        with time_machine.travel(make.NOW, tick=False), transaction.atomic():
            seed()
            months.append(list(Run.objects.order_by("pk").values_list("task_name", "due_at", "status")))
            transaction.set_rollback(True)
    assert months[0] == months[1]


def test_a_second_time_keeps_what_its_user_has_changed() -> None:
    seed()
    task = ScheduledTask.objects.order_by("pk")[0]
    task_acts.update(task.pk, lambda row: setattr(row, "priority", 9), SYSTEM, make.NOW)
    assert seed().startswith("0 tasks")
    task.refresh_from_db()
    assert task.priority == 9


def test_it_goes_as_it_came() -> None:
    seed()
    seed("--remove")
    assert not any(model.objects.exists() for model in (ScheduledTask, NotifyChannel, Tenant))
    assert seed("--remove").startswith("0 tasks")
