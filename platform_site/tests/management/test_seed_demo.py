"""`manage.py seed_demo`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from notifications.models import NotifyChannel
from scheduling.acts import tasks as task_acts
from scheduling.models import Run, ScheduledTask
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
    assert Run.objects.get().trigger == "manual"


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
