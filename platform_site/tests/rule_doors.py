"""Every door by which rows of a model are written, with a row that each takes and values that none takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from notifications.models import NotifyChannel, WeComApp
from scheduling.acts import calendars, data_sources
from scheduling.models import Calendar, DataSource, ScriptVar
from scheduling.models.variable import scope_key
from tenants import rows, tokens
from tenants.access import SYSTEM
from tenants.models import ApiToken, Secret, Tenant, TenantConfig

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
                "table_style": "list",
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
        "table_style": [EMPTY, "grid"],
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


def said(case: object) -> str:
    return case.__name__ if isinstance(case, type) else repr(case)[:24]


def at_fault(answer: Any) -> set[str]:
    """Columns that a 422 names; what no JSON of ours holds is said of the body as a whole."""
    assert answer.status_code == 422, answer.content
    return {error["field"].split(".")[0] for error in answer.json()["errors"]}
