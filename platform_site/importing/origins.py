"""The old row that each row was made from. The audit log records it, so an import may be repeated at any time."""

from __future__ import annotations

from django.db.models import Model

from tenants import audit
from tenants.access import SYSTEM
from tenants.models import AuditEntry

ACTION = "import"


class Origins:
    """The origins of rows that come from one old database, which is named by its key.

    A row that has been deleted here since is still known, and not made again.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        entries = AuditEntry.objects.filter(action=ACTION).values_list("changes", "object_id")
        self._known: dict[str, int] = {
            changes["from"][1]: int(pk) for changes, pk in entries if "from" in changes
        }

    def id_of(self, table: str, old_id: object) -> int | None:
        """Return the id that the row has here, or had before it was deleted; None where it was never imported."""
        return self._known.get(self._name(table, old_id))

    def remember(self, row: Model, table: str, old_id: object) -> None:
        """Record where the row came from. To be called in the transaction that makes the row."""
        name = self._name(table, old_id)
        audit.record(SYSTEM, ACTION, row, {"from": ["", name]})
        self._known[name] = row.pk

    def _name(self, table: str, old_id: object) -> str:
        return f"{self.key}.{table}.{old_id}"
