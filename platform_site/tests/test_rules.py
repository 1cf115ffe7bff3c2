"""What a row must be stands in its model: every door refuses the same, names the column, and saves nothing.

Doors are the REST API (new rows and changed ones), the admin's form, and the act by which commands and imports write.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from notifications.models import NotifyChannel
from platform_site.tests.rule_doors import (
    BAD,
    BELL,
    DOORS,
    FAR,
    NUL,
    SHAPES,
    SPACES,
    Columns,
    Doors,
    at_fault,
    said,
)
from scheduling.acts import backfills
from scheduling.grants.vars import Vars
from scheduling.models import Backfill, ScriptVar
from tenants import rows, tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, TenantMember
from testing.callers import Caller, superuser
from testing.world import World, listing, page
from testing.world import world as new_world

pytestmark = pytest.mark.django_db
CASES = [
    (model, column, bad) for model, columns in BAD.items() for column, bads in columns.items() for bad in bads
]
MISSHAPEN = [
    (model, name, bad) for model, columns in SHAPES.items() for name, bads in columns.items() for bad in bads
]
each_with_shapes = pytest.mark.parametrize(("model", "column", "bad"), CASES + MISSHAPEN, ids=said)


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def root() -> Caller:
    return superuser()


def is_said_of_the_body(bad: Any) -> bool:
    return (
        NUL in repr(bad).encode().decode("unicode_escape")
        or bad != bad
        or 2**63 in _numbers(bad)
        or bad == [2**64]
    )


def _numbers(bad: Any) -> list[Any]:
    return bad if isinstance(bad, list) else [bad]


@each_with_shapes
def test_the_api_makes_no_such_row(
    world: World, root: Caller, model: type[Model], column: str, bad: Any
) -> None:
    doors, before = DOORS[model], model._default_manager.count()
    found = at_fault(root.post(doors.path, doors.good | {column: bad}))
    assert found == ({""} if is_said_of_the_body(bad) else {column})
    assert model._default_manager.count() == before


@pytest.mark.parametrize(
    ("model", "column", "bad"), [case for case in CASES + MISSHAPEN if DOORS[case[0]].key], ids=said
)
def test_the_api_changes_no_row_to_such_a_one(
    world: World, root: Caller, model: type[Model], column: str, bad: Any
) -> None:
    doors = DOORS[model]
    row = made(doors)
    before = model._default_manager.filter(pk=row.pk).values().get()
    found = at_fault(root.put(f"{doors.path}/{getattr(row, doors.key)}", doors.needed | {column: bad}))
    assert found == ({""} if is_said_of_the_body(bad) else {column})
    assert model._default_manager.filter(pk=row.pk).values().get() == before


def made(doors: Doors) -> Model:
    """The good row, by its act."""
    doors.act(dict(doors.good))
    row = doors.model._default_manager.order_by("pk").last()
    assert row
    return row


@pytest.mark.parametrize(
    ("model", "column", "bad"), [case for case in CASES if DOORS[case[0]].form is not None], ids=said
)
def test_the_form_makes_no_such_row(world: World, model: type[Model], column: str, bad: Any) -> None:
    doors, before = DOORS[model], model._default_manager.count()
    answer = world.client("superuser").post(f"{listing(model)}add/", sent(doors, doors.good | {column: bad}))
    assert set(answer.context["adminform"].form.errors) == {column}
    assert model._default_manager.count() == before


def sent(doors: Doors, columns: Columns) -> dict[str, Any]:
    """As the page sends it."""
    form: dict[str, Any] = dict(doors.form or {})
    for name, value in columns.items():
        if name == "expires_at":
            day, _, time = value.partition("T")
            form |= {"expires_at_0": day, "expires_at_1": time[:8]}
        elif name == "allowed_tables":
            form[name] = "\n".join(value)
        else:
            form[name.removesuffix("_id") if name == "tenant_id" else name] = value
    if doors.model is ApiToken:
        form["user"] = User.objects.get(username="superuser").pk
    return form


@each_with_shapes
def test_no_act_makes_such_a_row(world: World, model: type[Model], column: str, bad: Any) -> None:
    doors, before = DOORS[model], model._default_manager.count()
    with pytest.raises(ValidationError) as error:
        doors.act(doors.good | {column: bad})
    assert set(error.value.message_dict) == {column}
    assert model._default_manager.count() == before


@pytest.mark.parametrize("model", DOORS, ids=said)
def test_every_door_takes_a_good_row(world: World, root: Caller, model: type[Model]) -> None:
    """Else the tests above would tell nothing."""
    doors = DOORS[model]
    answer = root.post(doors.path, doors.good)
    assert answer.status_code == 201, answer.content
    model._default_manager.order_by("pk").last().delete()  # type: ignore[union-attr]
    if doors.form is not None:
        answer = world.client("superuser").post(f"{listing(model)}add/", sent(doors, doors.good))
        assert answer.status_code in (200, 302)
        assert answer.status_code == 302 or "plain" in answer.context, answer.context["adminform"].form.errors
        model._default_manager.order_by("pk").last().delete()  # type: ignore[union-attr]
    made(doors)


# --- a row that a later rule forbids


def test_what_a_later_rule_forbids_can_be_changed_elsewhere(world: World, root: Caller) -> None:
    NotifyChannel.objects.filter(pk=world.channel.pk).update(max_attempts=99, channel_name=BELL)
    assert root.put(f"/notification-channels/{world.channel.pk}", {"is_enabled": False}).status_code == 200
    form = {"channel_name": BELL, "channel_type": "dingtalk_bot", "max_attempts": "99", "description": "old"}
    form |= {"table_style": "list"}
    shown = world.client("admin").get(page(world.channel)).context["adminform"].form
    form |= {"webhook_url": shown.initial["webhook_url"]}
    assert world.client("admin").post(page(world.channel), form).status_code == 302
    world.channel.refresh_from_db()
    assert (world.channel.description, world.channel.max_attempts) == ("old", 99)
    answer = world.client("admin").post(page(world.channel), form | {"max_attempts": "98"})
    assert set(answer.context["adminform"].form.errors) == {"max_attempts"}


# --- members


def test_a_member_has_a_known_role_by_every_door(world: World, root: Caller) -> None:
    User.objects.create_user("newcomer", is_staff=True)
    answer = root.post("/tenants/ours/members", {"username": "newcomer", "role": "owner"})
    assert at_fault(answer) == {"role"}
    form = {"name": "Our team", "members-TOTAL_FORMS": "1", "members-INITIAL_FORMS": "0"}
    form |= {"members-0-username": "newcomer", "members-0-role": "owner"}
    answer = world.client("admin").post(page(world.ours), form)
    assert set(answer.context["inline_admin_formsets"][0].formset.errors[0]) == {"role"}
    member = TenantMember(user=User.objects.get(username="newcomer"), tenant=world.ours, role="owner")
    with pytest.raises(ValidationError, match="owner"):
        rows.create(member, SYSTEM)
    assert not TenantMember.objects.filter(user__username="newcomer").exists()


# --- backfills, calendars' days and years


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("max_parallel", 0),
        ("max_parallel", -1),
        ("max_parallel", 101),
        ("to", FAR),
        ("from", "0001-01-01T00:00:00Z"),
    ],
)
def test_a_backfill_is_refused_by_every_door(world: World, root: Caller, column: str, bad: Any) -> None:
    good: dict[str, Any] = {
        "from": "2026-03-01T00:00:00+08:00",
        "to": "2026-03-04T00:00:00+08:00",
        "max_parallel": 1,
    }
    asked = good | {column: bad}
    path = f"/scheduled-tasks/{world.task.pk}/backfill"
    assert at_fault(root.post(path, asked)) == {column}
    inside = {"from": "from_at", "to": "to_at"}.get(column, column)
    form = {inside_of(name): str(value)[:16] for name, value in asked.items()} | {"start": "yes"}
    answer = world.client("operator").post(page(world.task, "backfill"), form)
    assert set(answer.context["form"].errors) == {inside}
    ends = [f"--{name}={asked[name]}" for name in ("from", "to")]
    with pytest.raises(CommandError):
        call_command("backfill", str(world.task.pk), *ends, f"--max-parallel={asked['max_parallel']}")
    since, until = (datetime.fromisoformat(asked[name]) for name in ("from", "to"))
    with pytest.raises(backfills.BackfillRefusedError) as error:
        backfills.start(world.task, since, until, asked["max_parallel"], SYSTEM, timezone.now())
    assert error.value.field == inside
    assert not Backfill.objects.exists()


def inside_of(name: str) -> str:
    return {"from": "from_at", "to": "to_at"}.get(name, name)


@pytest.mark.parametrize(
    "arguments", [[SPACES], [BELL], ["x" * 101], ["ci", "--days=-1"], ["ci", "--days=999999999"]]
)
def test_no_such_token_is_made_by_command(world: World, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"name|expires_at|--days"):
        call_command("create_token", *arguments, "--user", "superuser", stdout=StringIO())
    assert not ApiToken.objects.exists()


def test_a_value_that_a_script_keeps_is_held_to_the_same(world: World) -> None:
    kept = Vars(world.task.pk, "ours")
    for bad in BAD[ScriptVar]["var_value"]:
        with pytest.raises(ValueError, match="set_var"):
            kept.set_var("last", bad, "task")
    for bad in BAD[ScriptVar]["var_key"]:
        with pytest.raises(ValueError, match="key"):
            kept.set_var(bad, 1, "task")
    assert not ScriptVar.objects.exists()


def test_a_token_that_ends_later_is_made(world: World) -> None:
    ends = timezone.now() + timedelta(days=1)
    row, _ = tokens.issue(User.objects.get(username="admin"), "ci", SYSTEM, expires_at=ends.astimezone(UTC))
    assert row.expires_at == ends
