"""Guesses at tables of the second old system that its document names without their columns, under plausible names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_site.importing.old_database import OldDatabase


@dataclass(frozen=True)
class TableGuess:
    """A table to look for. `columns` is {our name: the names it may have there}; those in `needed` must be found."""

    tables: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    needed: frozenset[str]


TENANTS = TableGuess(
    ("platform_tenants", "tenants"),
    {"code": ("code", "tenant_id", "tenant_code"), "name": ("name", "tenant_name")},
    frozenset({"code"}),
)
CONFIGS = TableGuess(
    ("platform_tenant_configs", "platform_tenant_app_configs", "tenant_configs"),
    {
        "tenant_id": ("tenant_id", "tenant_code"),
        "app_code": ("app_code", "app"),
        "config_key": ("config_key", "key", "name"),
        "value": ("value", "config_value"),
    },
    frozenset({"tenant_id", "app_code", "config_key", "value"}),
)
SECRETS = TableGuess(
    ("platform_secrets", "platform_task_secrets", "platform_script_secrets"),
    {
        "tenant_id": ("tenant_id", "tenant_code"),
        "secret_key": ("secret_key", "key", "name"),
        "value": ("secret_value", "value"),
        "description": ("description", "remark"),
    },
    frozenset({"secret_key", "value"}),
)
VARS = TableGuess(
    ("platform_script_vars", "platform_task_vars", "platform_script_variables"),
    {
        "tenant_id": ("tenant_id", "tenant_code"),
        "task_id": ("task_id",),
        "var_key": ("var_key", "key", "name"),
        "var_value": ("var_value", "value"),
    },
    frozenset({"var_key", "var_value"}),
)
WECOM_APPS = TableGuess(
    ("platform_wecom_apps", "platform_tenant_wecom_apps", "platform_wechat_apps"),
    {
        "tenant_id": ("tenant_id", "tenant_code"),
        "app_name": ("app_name", "name"),
        "corp_id": ("corp_id",),
        "agent_id": ("agent_id",),
        "corp_secret": ("corp_secret", "secret", "app_secret"),
        "to_user": ("to_user",),
    },
    frozenset({"tenant_id", "app_name", "corp_id", "agent_id", "corp_secret"}),
)


def find_table(old: OldDatabase, guess: TableGuess) -> tuple[str, dict[str, str]] | None:
    """Return the table and {our name of a column: its name there}, None where no table has the needed columns."""
    for table in guess.tables:
        there = old.tables.get(table, frozenset())
        columns = {
            ours: next(name for name in names if name in there)
            for ours, names in guess.columns.items()
            if there & set(names)
        }
        if guess.needed <= columns.keys():
            return table, columns
    return None


def why_not_found(old: OldDatabase, guess: TableGuess) -> str:
    there = [table for table in guess.tables if table in old.tables]
    if not there:
        return f"No table is called {' or '.join(guess.tables)}."
    columns = [" or ".join(guess.columns[name]) for name in sorted(guess.needed)]
    return f"{there[0]} does not have all of the columns {', '.join(columns)}."
