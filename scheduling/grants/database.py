"""The grant `db_query`: one SELECT on a data source that the operator has opened to this tenant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from common.http import CancelSwitch
from sandbox.host.calls import Later
from scheduling.clients import sources
from scheduling.clients.sources.rows import MAX_ROWS, Rows
from scheduling.models import DataSource
from scheduling.models.source import source_key

CUT = f"db_query: only the first {MAX_ROWS:,} rows were returned"


class Database:
    """`line` writes to the run's log, when a result was cut."""

    def __init__(self, tenant_id: str | None, switch: CancelSwitch, line: Callable[[str], None]) -> None:
        self.tenant_id, self.switch, self.line = tenant_id, switch, line

    def db_query(self, sql: str, params: Any, source: str | None) -> Later:
        row = self._default() if source is None else self._named(str(source))
        tables = sources.Tables(row.allowed_tables, closed=_own_tables())
        ask = partial(sources.query, sources.read_dsn(row.dsn), tables, str(sql), params, self.switch)
        return Later(lambda: self._items(ask()))

    def _items(self, rows: Rows) -> list[dict[str, Any]]:
        if rows.is_cut:
            self.line(CUT)
        return rows.items

    def _default(self) -> DataSource:
        """Return the tenant's default source, else the global one. Raises LookupError."""
        found = {row.tenant_id: row for row in DataSource.objects.filter(is_default=True)}
        row = found.get(self.tenant_id) or found.get(None)
        if row is None:
            raise LookupError(
                "db_query(): there is no default data source; name one, or ask the operator for it"
            )
        return row

    def _named(self, name: str) -> DataSource:
        row = DataSource.objects.filter(scope_key=source_key(self.tenant_id, name)).first()
        # Global sources are the operator's own, except the default one, which every tenant may use.
        row = row or DataSource.objects.filter(tenant=None, name=name, is_default=True).first()
        if row is None:
            raise LookupError(f"db_query(): there is no data source {name!r} for this task")
        return row


def _own_tables() -> list[str]:
    """Return the platform's own tables. In every source they are closed unless its allowed tables name them."""
    return [*connection.introspection.django_table_names(), "django_migrations"]
