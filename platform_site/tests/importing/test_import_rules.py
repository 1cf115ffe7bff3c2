"""A row of an old database that breaks a rule of its model is left out, and the report says why."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Model

from notifications.models import NotifyChannel, WeComApp
from platform_site.tests.importing.old_schema import PLATFORM
from platform_site.tests.rule_doors import (
    ROBOT,
)
from scheduling.models import ScriptVar
from tenants.models import Secret, Tenant, TenantConfig

pytestmark = pytest.mark.django_db


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
