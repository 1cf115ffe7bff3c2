"""Every endpoint × every role × a row of one's own tenant, of another and of none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model
from django.test import RequestFactory

from notifications.models import Delivery
from platform_site.tests.places import PLACES, ROBOT, Place
from platform_site.web.api import api
from scheduling.acts import data_sources
from scheduling.models import DataSource
from tenants.access import RANK, SYSTEM
from tenants.models import ApiToken, AuditEntry
from testing.callers import Caller, member, superuser, tenant, user

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Act:
    """`row` makes what the path names; `needs` is the least role; `creates`: the body names the tenant instead.

    `all_read`: everybody sees what belongs to no tenant.
    """

    method: str
    path: str
    needs: str = "viewer"
    row: Callable[[Place], Any] | None = None
    body: Any = None
    status: int = 200
    creates: bool = False
    never_global: bool = False
    all_read: bool = False


TASK = {"task_name": "t", "time_points": ["08:00"], "script_content": "pass"}
CHANNEL = {"channel_name": "c", "channel_type": "dingtalk_bot", "webhook_url": ROBOT}
APP = {"app_name": "a", "corp_id": "ww1", "agent_id": 1, "corp_secret": "s"}
CONFIG = {"app_code": "a", "config_key": "new"}

A = "/wecom-apps"
T, L, C, D = "/scheduled-tasks", "/task-logs", "/notification-channels", "/deliveries"
F = "/failures"
B, RANGE = "/backfills", {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:02:00Z"}
CURSOR = {"start": "2026-11-01T00:00:00Z", "last_end_time": None}
V, S, K = "/script-vars", "/secrets", "/tenant-configs"
Y, OFF = "/calendars", {"is_workday": False}
OF_ROWS = [
    Act("POST", T, "admin", body=TASK, status=201, creates=True),
    Act("GET", T + "/{task_id}", row=Place.task),
    Act("PUT", T + "/{task_id}", "admin", Place.task, {"priority": 1}),
    Act("DELETE", T + "/{task_id}", "admin", Place.task, status=204),
    Act("POST", T + "/{task_id}/toggle", "operator", Place.task),
    Act("POST", T + "/{task_id}/run", "operator", Place.task, status=202),
    Act("GET", T + "/{task_id}/logs", row=Place.task),
    Act("GET", T + "/{task_id}/versions", row=Place.task),
    Act("GET", T + "/{task_id}/versions/1", row=Place.task),
    Act("GET", T + "/{task_id}/versions/1/diff", row=Place.task),
    Act("POST", T + "/{task_id}/versions/1/restore", "admin", Place.task),
    Act("POST", T + "/{task_id}/backfill", "operator", Place.task, RANGE, status=202),
    Act("POST", T + "/{task_id}/window-cursor", "admin", Place.windows_task, CURSOR),
    Act("POST", T + "/{task_id}/test-connection", "operator", Place.dify_task),
    Act("POST", T + "/{task_id}/hook", "admin", Place.task, status=201),
    Act("DELETE", T + "/{task_id}/hook", "admin", Place.hooked, status=204),
    Act("GET", B + "/{backfill_id}", row=Place.backfill),
    Act("POST", B + "/{backfill_id}/cancel", "operator", Place.backfill, status=202),
    Act("GET", L + "/{log_id}", row=Place.run),
    Act("GET", L + "/{log_id}/lines", row=Place.run),
    Act("POST", L + "/{log_id}/cancel", "operator", Place.run, status=202),
    Act("POST", L + "/{log_id}/rerun", "operator", Place.ended, status=202),
    Act("GET", F + "/{fingerprint}", row=Place.failure),
    Act("POST", F + "/{fingerprint}/resolve", "operator", Place.failure),
    Act("POST", F + "/{fingerprint}/mute", "operator", Place.failure, {"reason": "known"}),
    Act("POST", F + "/{fingerprint}/reopen", "operator", Place.failure),
    Act("POST", F + "/{fingerprint}/rerun", "operator", Place.failure, status=202),
    Act("POST", C, "admin", body=CHANNEL, status=201, creates=True, never_global=True),
    Act("GET", C + "/{channel_id}", row=Place.channel, never_global=True),
    Act("PUT", C + "/{channel_id}", "admin", Place.channel, {"description": "x"}, never_global=True),
    Act("DELETE", C + "/{channel_id}", "admin", Place.channel, status=204, never_global=True),
    Act("POST", A, "admin", body=APP, status=201, creates=True, never_global=True),
    Act("GET", A + "/{app_id}", row=Place.app, never_global=True),
    Act("PUT", A + "/{app_id}", "admin", Place.app, {"to_user": "x"}, never_global=True),
    Act("DELETE", A + "/{app_id}", "admin", Place.app, status=204, never_global=True),
    Act("GET", D + "/{delivery_id}", row=Place.delivery),
    Act("POST", D + "/{delivery_id}/resend", "operator", Place.failed, status=202),
    Act("POST", D + "/{delivery_id}/cancel", "operator", Place.delivery, status=202),
    Act("POST", V, "admin", body={"var_key": "a", "var_value": 1}, status=201, creates=True),
    Act("GET", V + "/{var_id}", row=Place.variable),
    Act("PUT", V + "/{var_id}", "admin", Place.variable, {"var_value": 2}),
    Act("DELETE", V + "/{var_id}", "admin", Place.variable, status=204),
    Act("POST", Y, "admin", body={"code": "shop"}, status=201, creates=True),
    Act("GET", Y + "/{calendar}", row=Place.calendar, all_read=True),
    Act("PUT", Y + "/{calendar}", "admin", Place.calendar, {"name": "x"}, all_read=True),
    Act("DELETE", Y + "/{calendar}", "admin", Place.calendar, status=204, all_read=True),
    Act("GET", Y + "/{calendar}/days", row=Place.calendar, all_read=True),
    Act("PATCH", Y + "/{calendar}/days", "admin", Place.calendar, {"days": []}, all_read=True),
    Act("PUT", Y + "/{calendar}/days/2026-10-08", "admin", Place.calendar, OFF, all_read=True),
    Act("DELETE", Y + "/{calendar}/days/2026-10-08", "admin", Place.calendar, status=204, all_read=True),
    Act("POST", Y + "/{calendar}/confirm", "admin", Place.calendar, {"year": 2027}, all_read=True),
    Act("POST", S, "admin", body={"secret_key": "a", "value": "x"}, status=201, creates=True),
    Act("GET", S + "/{secret_id}", "admin", Place.secret),
    Act("PUT", S + "/{secret_id}", "admin", Place.secret, {"value": "y"}),
    Act("DELETE", S + "/{secret_id}", "admin", Place.secret, status=204),
    Act("POST", K, "admin", body=CONFIG, status=201, creates=True, never_global=True),
    Act("GET", K + "/{config_id}", "admin", Place.config, never_global=True),
    Act("PUT", K + "/{config_id}", "admin", Place.config, {"value": "y"}, never_global=True),
    Act("DELETE", K + "/{config_id}", "admin", Place.config, status=204, never_global=True),
]

SUPERUSER = "superuser"
# The tenant is the row itself: {code} is put in.
OF_TENANTS = [
    Act("GET", "/tenants/{code}"),
    Act("PUT", "/tenants/{code}", "admin", body={"name": "N"}),
    Act("PUT", "/tenants/{code}", SUPERUSER, body={"max_tasks": 1}),
    Act("PUT", "/tenants/{code}", SUPERUSER, body={"is_enabled": False}),
    Act("DELETE", "/tenants/{code}", SUPERUSER, status=204),
    Act("GET", "/tenants/{code}/members"),
    Act("POST", "/tenants/{code}/members", "admin", body={"username": "guest", "role": "viewer"}, status=201),
    Act("DELETE", "/tenants/{code}/members/resident", "admin", status=204),
]
OF_SUPERUSERS = [
    Act("POST", "/tenants", body={"code": "new", "name": "New"}, status=201),
    Act("GET", "/users"),
    Act("POST", "/users", body={"username": "new", "password": "correct horse battery"}, status=201),
    Act("GET", "/users/guest"),
    Act("PUT", "/users/guest", body={"is_active": False}),
    Act("DELETE", "/users/guest", status=204),
    Act("GET", "/data-sources"),
    Act("POST", "/data-sources", body={"name": "shop", "dsn": "sqlite:////var/lib/shop.db"}, status=201),
    Act("GET", "/config"),
    Act("POST", "/config", body={"interval_minutes": 5}),
    Act("POST", "/task/start", status=422),
    Act("POST", "/task/stop"),
    Act("POST", "/task/execute", status=409),
    Act("GET", "/logs"),
]
# The same for every caller, or tested by what they show and give: test_tokens, test_secrets, test_channels,
# test_trials, test_data_sources, test_calendars, test_hooks, test_script_checks.
ELSEWHERE = {
    "GET /scheduled-tasks",
    "GET /calendars",
    "GET /scheduled-tasks/sdk-docs",
    "POST /scheduled-tasks/check-script",
    "POST /scheduled-tasks/test-script",
    "GET /scheduled-tasks/test-script/{test_id}",
    "GET /scheduled-tasks/test-script/{test_id}/lines",
    "POST /scheduled-tasks/test-script/{test_id}/cancel",
    "GET /task-logs",
    "GET /failures",
    "GET /notification-channels",
    "POST /notification-channels/{channel_id}/test",
    "GET /wecom-apps",
    "POST /wecom-apps/{app_id}/test",
    "GET /deliveries",
    "GET /script-vars",
    "GET /secrets",
    "GET /data-sources/{source_id}",
    "PUT /data-sources/{source_id}",
    "DELETE /data-sources/{source_id}",
    "GET /tenant-configs",
    "GET /tenants",
    "GET /audit",
    "GET /tokens",
    "POST /tokens",
    "DELETE /tokens/{token_id}",
    "POST /schedules/preview",
    "POST /messages/preview",
    "GET /stats",
    "POST /dify/test",
    "POST /hooks/{token}",
}


@pytest.fixture
def callers() -> dict[str, Caller]:
    tenant("acme")
    tenant("other")
    user("guest")
    user("resident", {"acme": "viewer", "other": "viewer"})
    members = {role: member(role) for role in ("viewer", "operator", "admin")}
    return {"nobody": Caller(), SUPERUSER: superuser()} | members


def status_of(caller: Caller, act: Act, path: str, body: Any) -> int:
    """What it does is undone: each caller finds the same rows."""
    with transaction.atomic():
        answer = caller.send(act.method, path, body)
        transaction.set_rollback(True)
    return int(answer.status_code)


def ids(act: Act) -> str:
    return f"{act.method} {act.path}"


@pytest.mark.parametrize("act", OF_ROWS, ids=ids)
def test_rows_of_tenants(act: Act, callers: dict[str, Caller]) -> None:
    for name, code in PLACES.items():
        if code is None and act.never_global:
            continue
        path, body = act.path, act.body
        if act.row is not None:
            path = path.replace(path[path.index("{") : path.index("}") + 1], str(act.row(Place(code)).pk))
        if act.creates:
            body = body | {"tenant_id": code}
        got = {who: status_of(caller, act, path, body) for who, caller in callers.items()}
        assert got == {who: expected(act, who, name) for who in callers}, name


def expected(act: Act, who: str, place: str) -> int:
    if who == "nobody":
        return 401
    if who == SUPERUSER:
        return act.status
    if place == "global" and act.all_read:
        return act.status if act.needs == "viewer" else 403
    if place != "own":
        return 403 if act.creates else 404
    return act.status if RANK[who] >= RANK[act.needs] else 403


@pytest.mark.parametrize("act", OF_TENANTS, ids=ids)
def test_tenants_themselves(act: Act, callers: dict[str, Caller]) -> None:
    for place, code in (("own", "acme"), ("other", "other")):
        path = act.path.replace("{code}", code)
        got = {who: status_of(caller, act, path, act.body) for who, caller in callers.items()}
        needed = RANK.get(act.needs, 9)
        wanted = {who: act.status if RANK.get(who, 9) >= needed else 403 for who in callers}
        if place == "other":
            wanted |= dict.fromkeys(RANK, 404)
        assert got == wanted | {"nobody": 401}, place


@pytest.mark.parametrize("act", OF_SUPERUSERS, ids=ids)
def test_what_belongs_to_superusers(act: Act, callers: dict[str, Caller]) -> None:
    got = {who: status_of(caller, act, act.path, act.body) for who, caller in callers.items()}
    assert got == dict.fromkeys(RANK, 403) | {"nobody": 401, SUPERUSER: act.status}


@pytest.mark.parametrize("path", [T, L, C, D, F, V, S, K])
def test_a_list_shows_ones_own_tenants_rows_only(path: str, callers: dict[str, Caller]) -> None:
    for name, code in PLACES.items():
        place = Place(code)
        place.failure()  # of a run of a task
        place.delivery()
        place.variable()
        place.secret()
        if name != "global":
            place.channel()
            place.config()
    seen = {who: callers[who].get(path).json() for who in (*RANK, SUPERUSER)}
    for who in ("admin",) if path in (S, K) else RANK:
        assert {item["tenant_id"] for item in seen[who]["items"]} == {"acme"}
        assert seen[who]["total"] == 1
    assert seen[SUPERUSER]["total"] in (2, 3)


def test_a_test_message_is_sent_by_operators_of_the_tenant(callers: dict[str, Caller]) -> None:
    """What others may not do is refused before anything is sent."""
    own, other = Place("acme").channel(), Place("other").channel()
    for who, status in {"nobody": 401, "viewer": 403}.items():
        assert callers[who].post(f"{C}/{own.pk}/test").status_code == status
    for who in RANK:
        assert callers[who].post(f"{C}/{other.pk}/test").status_code == 404
    assert not Delivery.objects.exists()


def test_a_viewers_audit_log_is_closed(callers: dict[str, Caller]) -> None:
    got = {who: caller.get("/audit").status_code for who, caller in callers.items()}
    assert got == {"nobody": 401, "viewer": 403, "operator": 403, "admin": 200, SUPERUSER: 200}


def _source() -> DataSource:
    return data_sources.create(DataSource(tenant_id="acme", name="s", dsn="sqlite:////x.db"), SYSTEM)


# Where a page and an endpoint show the same rows: a row, and what a change of it sends; None where nobody writes it.
SHOWN_TWICE: dict[str, tuple[Callable[[], Model], Any]] = {
    T: (Place("acme").task, {"priority": 1}),
    L: (Place("acme").run, None),
    C: (Place("acme").channel, {"description": "x"}),
    A: (Place("acme").app, {"to_user": "x"}),
    D: (Place("acme").delivery, None),
    F: (Place("acme").failure, None),
    V: (Place("acme").variable, None),  # the page only deletes
    Y: (Place("acme").calendar, {"name": "x"}),
    S: (Place("acme").secret, {"value": "y"}),
    K: (Place("acme").config, {"value": "y"}),
    B: (Place("acme").backfill, None),
    "/data-sources": (_source, {"name": "x"}),
    "/tenants": (lambda: tenant("acme"), {"name": "N"}),
    "/users": (lambda: User.objects.get(username="guest"), {"is_active": False}),
}


@pytest.mark.parametrize("path", SHOWN_TWICE)
def test_the_api_asks_for_the_role_that_the_page_asks_for(path: str, callers: dict[str, Caller]) -> None:
    make_row, change = SHOWN_TWICE[path]
    row = make_row()
    page = site._registry[type(row)]
    address = f"{path}/{getattr(row, {'/tenants': 'code', '/users': 'username'}.get(path, 'pk'))}"
    for who in (*RANK, SUPERUSER):
        request = RequestFactory().get("/")
        request.user = User.objects.get(username="root" if who == SUPERUSER else f"acme-{who}")
        assert (callers[who].get(address).status_code == 200) == page.has_view_permission(request, row), who
        if change is not None:
            changed = status_of(callers[who], Act("PUT", path), address, change) == 200
            assert changed == page.has_change_permission(request, row), who


def test_every_page_whose_rows_the_api_shows_is_compared() -> None:
    of_pages = {kind for kind in site._registry if kind._meta.app_label != "django_celery_beat"}
    compared = {SHOWN_TWICE[path][0] for path in SHOWN_TWICE}
    assert len(compared) == len(of_pages - {ApiToken, AuditEntry})  # these have no endpoint of one row


def test_every_endpoint_stands_in_the_matrix() -> None:
    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    acts = {ids(act) for act in (*OF_ROWS, *OF_TENANTS, *OF_SUPERUSERS)}
    covered = {
        text.replace("/versions/1", "/versions/{version}")
        .replace("/days/2026-10-08", "/days/{day}")
        .replace("/users/guest", "/users/{username}")
        .replace("/members/resident", "/members/{username}")
        for text in acts
    }
    assert covered | ELSEWHERE == described
