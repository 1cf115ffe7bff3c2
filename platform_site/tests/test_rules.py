"""What a row must be stands in its model: every door refuses the same, names the column, and saves nothing.

Doors are the REST API (new rows and changed ones), the admin's form, and the act by which commands and imports write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.utils import timezone

from notifications.models import NotifyChannel, WeComApp
from platform_site.importing.document import read_document
from platform_site.importing.plan import plan
from platform_site.importing.step import DocumentRefusedError
from platform_site.tests.importing.old_schema import PLATFORM
from scheduling.acts import backfills, calendars, data_sources
from scheduling.grants.vars import Vars
from scheduling.models import Backfill, Calendar, CalendarDay, DataSource, ScriptVar
from scheduling.models.variable import scope_key
from scheduling.schedule.day_list import SetDay
from tenants import rows, tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, Secret, Tenant, TenantConfig, TenantMember
from testing.callers import Caller, superuser
from testing.world import World, listing, page
from testing.world import world as new_world

pytestmark = pytest.mark.django_db
Columns = Mapping[str, Any]
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
NO_MEMBERS = {"members-TOTAL_FORMS": "0", "members-INITIAL_FORMS": "0"}
PAST, FAR = "2020-01-01T00:00:00+00:00", "9999-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Doors:
    """One model. `good` are the columns of a row that is taken; `form` what the page sends beside them."""

    model: type[Model]
    path: str
    good: dict[str, Any]
    act: Callable[[dict[str, Any]], object]
    form: Mapping[str, str] | None = field(default_factory=dict)
    key: str = "pk"  # of a row's own path; "" where it has none to change it by
    needed: dict[str, Any] = field(default_factory=dict)  # of a change


def plain(model: type[Model]) -> Callable[[dict[str, Any]], object]:
    return lambda columns: rows.create(model(**columns), SYSTEM)


def variable(columns: dict[str, Any]) -> object:
    key = scope_key(columns["tenant_id"], None, str(columns["var_key"]))
    return rows.create(ScriptVar(scope_key=key, **columns), SYSTEM)


def token(columns: dict[str, Any]) -> object:
    ends = columns.get("expires_at")
    given = {
        "role": columns.get("role", ""),
        "expires_at": datetime.fromisoformat(ends) if ends is not None else None,
    }
    return tokens.issue(User.objects.get(username="superuser"), columns["name"], SYSTEM, **given)


DOORS: dict[type[Model], Doors] = {
    doors.model: doors
    for doors in (
        Doors(Tenant, "/tenants", {"code": "acme", "name": "Acme"}, plain(Tenant), NO_MEMBERS, "code"),
        Doors(
            TenantConfig,
            "/tenant-configs",
            {"tenant_id": "ours", "app_code": "crm", "config_key": "url", "value": "x"},
            plain(TenantConfig),
            {"is_secret": "unknown"},
        ),
        Doors(
            Secret,
            "/secrets",
            {"tenant_id": "ours", "secret_key": "CRM", "value": "x"},
            plain(Secret),
        ),
        Doors(
            NotifyChannel,
            "/notification-channels",
            {
                "tenant_id": "ours",
                "channel_name": "group",
                "channel_type": "dingtalk_bot",
                "webhook_url": ROBOT,
                "max_attempts": 4,
            },
            plain(NotifyChannel),
        ),
        Doors(
            WeComApp,
            "/wecom-apps",
            {
                "tenant_id": "ours",
                "app_name": "Duty",
                "corp_id": "ww01",
                "agent_id": 1,
                "corp_secret": "s",
                "to_user": "a|b",
            },
            plain(WeComApp),
        ),
        Doors(
            DataSource,
            "/data-sources",
            {"tenant_id": "ours", "name": "shop", "dsn": "sqlite:////var/lib/shop.db", "allowed_tables": []},
            lambda columns: data_sources.create(DataSource(**columns), SYSTEM),
        ),
        Doors(
            Calendar,
            "/calendars",
            {"tenant_id": "ours", "code": "shop", "name": "Shop", "based_on": "week", "weekdays": [1]},
            lambda columns: calendars.create(Calendar(**columns), SYSTEM),
        ),
        Doors(
            ScriptVar,
            "/script-vars",
            {"tenant_id": "ours", "var_key": "last", "var_value": 1},
            variable,
            form=None,
            needed={"var_value": 1},
        ),
        Doors(ApiToken, "/tokens", {"name": "ci"}, token, key=""),
    )
}
EMPTY, SPACES, LINES, NUL, BELL = "", "   ", "a\nb", "a\x00b", "a\x07b"
NAMES = [EMPTY, SPACES, LINES, NUL, BELL, "x" * 101]
KEYS = [EMPTY, SPACES, "a b", LINES, NUL, BELL]
NUMBERS = [-1, 2**63]
LONG_URL = "https://example.com/" + "x" * 2000
ADDRESSES = [
    "example.com",
    "ftp://example.com",
    "https://exa mple.com",
    "https://a\x07.example.com",
    LONG_URL,
]
BAD: dict[type[Model], dict[str, list[Any]]] = {
    Tenant: {
        "code": [*KEYS, "-a", "x" * 51, "名"],
        "name": NAMES,
        "max_running": [*NUMBERS, 1_000_001],
        "max_tasks": [*NUMBERS, 1_000_001],
        "alert_webhook": ADDRESSES,
    },
    TenantConfig: {
        "app_code": [*KEYS, "x" * 51],
        "config_key": [*KEYS, "x" * 101],
        "value": [NUL, "x" * 65_537],
    },
    Secret: {
        "secret_key": [*KEYS, "x" * 101],
        "value": [EMPTY, NUL, "x" * 65_537],
        "description": [NUL, "x" * 256],
        "is_shared": [True],
    },
    NotifyChannel: {
        "channel_name": NAMES,
        "channel_type": [EMPTY, "sms"],
        "webhook_url": [EMPTY, "x", *ADDRESSES],
        "sign_secret": [NUL, "x" * 501],
        "description": [NUL, "x" * 256],
        "proxy_url": [*ADDRESSES, "https://proxy.example.com:3128"],
        "max_attempts": [*NUMBERS, 0, 21],
    },
    WeComApp: {
        "app_name": NAMES,
        "corp_id": [EMPTY, SPACES, "a b", BELL, "x" * 65],
        "agent_id": [*NUMBERS, 2**31],
        "corp_secret": [EMPTY, NUL, "x" * 501],
        "api_base": [*ADDRESSES, "https://example.com/" + "x" * 481],
        "proxy_url": ADDRESSES,
        "to_user": ["a b", "|", "a" * 65, "ab|" * 7000 + "a"],
        "to_party": ["a b"],
        "to_tag": ["a b"],
    },
    DataSource: {
        "name": [*NAMES],
        "dsn": [EMPTY, "postgres://x", "shop", "sqlite:////" + "x" * 2000],
        "allowed_tables": [["x" * 65], ["a\x07"], ["t"] * 1001],
    },
    Calendar: {
        "code": [*KEYS, "1a", "x" * 51],
        "name": [LINES, NUL, BELL, "x" * 101],
        "based_on": [EMPTY, "moon"],
        "weekdays": [[0], [8], [2**63]],
    },
    ScriptVar: {
        "var_key": [EMPTY, NUL, "x" * 101],
        "var_value": ["x" * 65_536, NUL, float("nan"), 2**63, [2**64], {"a": NUL}],
    },
    ApiToken: {"name": NAMES, "role": ["owner"], "expires_at": [PAST, FAR]},
}
SHAPES: dict[type[Model], dict[str, list[Any]]] = {  # what no page can send
    NotifyChannel: {"max_attempts": ["many", [4]]},
    DataSource: {"allowed_tables": ["orders", {"a": 1}, [1], ["a b"], [EMPTY]]},
    Calendar: {"weekdays": ["1", {"1": 1}, [1.5], ["1"], [None]]},
}
CASES = [
    (model, column, bad) for model, columns in BAD.items() for column, bads in columns.items() for bad in bads
]
MISSHAPEN = [
    (model, name, bad) for model, columns in SHAPES.items() for name, bads in columns.items() for bad in bads
]


def said(case: object) -> str:
    return case.__name__ if isinstance(case, type) else repr(case)[:24]


each_with_shapes = pytest.mark.parametrize(("model", "column", "bad"), CASES + MISSHAPEN, ids=said)


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def root() -> Caller:
    return superuser()


def at_fault(answer: Any) -> set[str]:
    """Columns that a 422 names; what no JSON of ours holds is said of the body as a whole."""
    assert answer.status_code == 422, answer.content
    return {error["field"].split(".")[0] for error in answer.json()["errors"]}


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


DAY = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "column"),
    [
        (SetDay(DAY.replace(year=1969), True), "date"),
        (SetDay(DAY.replace(year=2200), True), "date"),
        (SetDay(DAY, True, "x" * 101), "name"),
        (SetDay(DAY, True, BELL), "name"),
    ],
)
def test_no_such_day_is_set(world: World, root: Caller, day: SetDay, column: str) -> None:
    row = calendars.create(Calendar(tenant=world.ours, code="shop"), SYSTEM)
    with pytest.raises(ValidationError) as error:
        calendars.set_days(row, [SetDay(DAY, False), day], SYSTEM, timezone.now())
    assert set(error.value.message_dict) == {column}
    listed = {"date": day.date.isoformat(), "is_workday": True, "name": day.name}
    assert at_fault(root.send("PATCH", "/calendars/shop/days", {"days": [listed]})) == {"days"}
    with pytest.raises(DocumentRefusedError, match=f"days.0.{column}"):
        plan(read_document(document(code="new", days=[listed])), {}, timezone.now())
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize("year", [1969, 2200, -1])
def test_no_such_year_is_confirmed(world: World, root: Caller, year: int) -> None:
    row = calendars.create(Calendar(tenant=world.ours, code="shop"), SYSTEM)
    with pytest.raises(ValidationError, match="confirmed_years"):
        calendars.confirm(row, year, True, SYSTEM)
    assert at_fault(root.post("/calendars/shop/confirm", {"year": year})) == {"year"}
    row.refresh_from_db()
    assert row.confirmed_years == []


# --- documents, commands, old databases


def document(**columns: Any) -> str:
    return yaml.safe_dump({"format": 1, "tasks": [], "calendars": [{"tenant_id": "ours", **columns}]})


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        (column, bad)
        for shapes in (BAD[Calendar], SHAPES[Calendar])
        for column, bads in shapes.items()
        for bad in bads
        if bad != NUL
    ],
    ids=said,
)
def test_a_document_with_such_a_calendar_is_refused(
    world: World, tmp_path: Path, column: str, bad: Any
) -> None:
    file = tmp_path / "tasks.yaml"
    file.write_text(document(**{"code": "shop", column: bad}))
    with pytest.raises(CommandError, match=column):
        call_command("import_tasks", str(file))
    assert not Calendar.objects.filter(tenant=world.ours).exists()


@pytest.mark.parametrize(
    "arguments", [[SPACES], [BELL], ["x" * 101], ["ci", "--days=-1"], ["ci", "--days=999999999"]]
)
def test_no_such_token_is_made_by_command(world: World, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"name|expires_at|--days"):
        call_command("create_token", *arguments, "--user", "superuser", stdout=StringIO())
    assert not ApiToken.objects.exists()


def old_rows() -> Iterator[tuple[str, type[Model], str, str]]:
    """(what the old database holds, the table it would come to, how it is called in the report, the column)."""
    yield (
        "INSERT INTO platform_secrets VALUES (9, 'acme', 'a b', 'v')",
        Secret,
        "platform_secrets 9",
        "secret_key",
    )
    yield (
        "INSERT INTO platform_task_notify_channels VALUES (9, 'acme', '  ', 'dingtalk_bot', "
        f"'{ROBOT}', NULL, NULL, 1, NULL, NULL)",
        NotifyChannel, "platform_task_notify_channels 9", "channel_name",
    )  # fmt: skip
    yield (
        "INSERT INTO platform_task_notify_channels VALUES (9, 'acme', 'x', 'fax', "
        f"'{ROBOT}', NULL, NULL, 1, NULL, NULL)",
        NotifyChannel, "platform_task_notify_channels 9", "channel_type",
    )  # fmt: skip
    yield (
        f"INSERT INTO platform_script_vars VALUES (9, 11, 'acme', '{'x' * 101}', '1')",
        ScriptVar, "platform_script_vars 9", "var_key",
    )  # fmt: skip
    yield (
        "CREATE TABLE platform_tenants (code VARCHAR(99), name VARCHAR(99)); "
        "INSERT INTO platform_tenants VALUES ('a b', 'A')",
        Tenant, "“a b” is not a valid tenant", "code",
    )  # fmt: skip
    yield (
        "CREATE TABLE platform_wecom_apps (id INT, tenant_id TEXT, app_name TEXT, corp_id TEXT, agent_id INT, "
        "corp_secret TEXT); INSERT INTO platform_wecom_apps VALUES (9, 'acme', 'Duty', 'a b', -1, 's')",
        WeComApp, "platform_wecom_apps 9", "corp_id",
    )  # fmt: skip
    yield (
        "CREATE TABLE tenant_configs (id INT, tenant_id TEXT, app_code TEXT, config_key TEXT, value TEXT); "
        "INSERT INTO tenant_configs VALUES (9, 'acme', '', 'k', 'v')",
        TenantConfig, "tenant_configs 9", "app_code",
    )  # fmt: skip


@pytest.mark.parametrize(("old", "model", "called", "column"), list(old_rows()))
def test_an_old_databases_row_is_left_and_why_is_said(
    tmp_path: Path, old: str, model: type[Model], called: str, column: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as database:
        database.executescript(f"{PLATFORM};{old}")
    out = StringIO()
    call_command("import_platform", f"sqlite:///{tmp_path / 'old.db'}", "--apply", stdout=out)
    [line] = [line for line in out.getvalue().splitlines() if called in line]
    assert f"{column}: " in line
    assert not model._default_manager.filter(
        **{column: "a b"} if column in ("secret_key", "code") else {"pk": 0}
    ).exists()


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
