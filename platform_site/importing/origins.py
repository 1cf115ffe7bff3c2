"""Which row was made of which old one. The audit log says it, so that an import may be repeated at any time."""

from __future__ import annotations

from django.db.models import Model

from tenants import audit
from tenants.access import SYSTEM
from tenants.models import AuditEntry

ACTION = "import"


class Origins:
    """Of one old database, by its key. A row that has been deleted here since is known, and not made again."""

    def __init__(self, key: str) -> None:
        self.key = key
        entries = AuditEntry.objects.filter(action=ACTION).values_list("changes", "object_id")
        self._known: dict[str, int] = {
            changes["from"][1]: int(pk) for changes, pk in entries if "from" in changes
        }

    def id_of(self, table: str, old_id: object) -> int | None:
        """The id that the row has here, or had."""
        return self._known.get(self._name(table, old_id))

    def remember(self, row: Model, table: str, old_id: object) -> None:
        """In the transaction that makes the row."""
        name = self._name(table, old_id)
        audit.record(SYSTEM, ACTION, row, {"from": ["", name]})
        self._known[name] = row.pk

    def _name(self, table: str, old_id: object) -> str:
        return f"{self.key}.{table}.{old_id}"
