"""What a tenant may have of tasks and variables whose row says nothing: what the operator has set."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.acts import tasks
from scheduling.grants.vars import Vars
from scheduling.models import ScheduledTask, ScriptVar
from scheduling.tests import make
from testing.callers import has_chinese, member, superuser
from testing.world import listing, world

pytestmark = pytest.mark.django_db

TASK = {"task_name": "report", "time_points": ["08:00"], "script_content": "result = 1"}


def test_one_task_more_than_the_platform_gives_a_tenant_is_refused_with_the_number(settings: Any) -> None:
    settings.TENANT_MAX_TASKS = 2
    admin = member("admin")
    body = TASK | {"tenant_id": "acme"}
    answers = [admin.post("/scheduled-tasks", body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert "2" in answers[2].json()["detail"]
    assert has_chinese(admin.in_language("zh-hans").post("/scheduled-tasks", body).json()["detail"])
    assert superuser().post("/scheduled-tasks", TASK).status_code == 201, "a global one is no tenant's"


def test_a_tenants_own_number_of_tasks_goes_before_the_platforms(settings: Any) -> None:
    settings.TENANT_MAX_TASKS = 1
    make.tenant("large", max_tasks=2)
    for _ in range(2):
        make.task(tenant=make.tenant("large"))
    with pytest.raises(tasks.TenantFullError, match="2"):
        make.task(tenant=make.tenant("large"))


def test_the_tasks_form_says_the_number(settings: Any) -> None:
    ours = world()
    settings.TENANT_MAX_TASKS = 1
    form = TASK | {"tenant": ours.ours.code, "time_points": "08:00", "schedule_type": "simple"}
    answer = ours.client("admin").post(listing(ScheduledTask) + "add/", form)
    [said] = answer.context["adminform"].form.errors["tenant"]
    assert "1" in said


def test_one_variable_more_than_a_tenant_may_keep_is_refused_to_the_script(settings: Any) -> None:
    settings.MAX_SCRIPT_VARS = 2
    task = make.task()
    kept, of_nobody = Vars(task.pk, "acme"), Vars(task.pk, None)
    kept.set_var("a", 1, "task")
    kept.set_var("b", 1, "tenant")
    with pytest.raises(ValueError, match="2 variables"):
        kept.set_var("c", 1, "task")
    assert ScriptVar.objects.count() == 2
    kept.set_var("a", 2, "task")
    of_nobody.set_var("c", 1, "tenant")
    kept.del_var("a", "task")
    kept.set_var("c", 1, "task")


def test_one_variable_more_is_refused_by_the_api_with_the_number(settings: Any) -> None:
    settings.MAX_SCRIPT_VARS = 1
    admin = member("admin")
    body = {"tenant_id": "acme", "var_value": 1}
    answers = [admin.post("/script-vars", body | {"var_key": f"k{n}"}) for n in range(2)]
    assert [answer.status_code for answer in answers] == [201, 422]
    assert "1" in answers[1].json()["errors"][0]["message"]
    changed = admin.put(f"/script-vars/{answers[0].json()['id']}", {"var_value": 2})
    assert changed.status_code == 200
