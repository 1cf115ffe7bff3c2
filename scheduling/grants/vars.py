"""get_var, set_var, del_var: JSON values kept from run to run, per task or shared by the tenant."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from scheduling.models import ScriptVar
from scheduling.models.variable import scope_key

MOST_BYTES = 64 << 10
MOST_KEY = 100


class Vars:
    def __init__(self, task_id: int, tenant_id: str | None) -> None:
        self.task_id, self.tenant_id = task_id, tenant_id

    def get_var(self, key: str, default: Any, scope: str) -> Any:
        row = ScriptVar.objects.filter(scope_key=self._scope_key(key, scope)).first()
        return default if row is None else row.var_value

    def set_var(self, key: str, value: Any, scope: str) -> None:
        _require_small(key, value)
        owner = {"task_id": self.task_id} if scope == "task" else {}
        with transaction.atomic():
            ScriptVar.objects.update_or_create(
                scope_key=self._scope_key(key, scope),
                defaults={"var_value": value},
                create_defaults={"var_value": value, "var_key": key, "tenant_id": self.tenant_id} | owner,
            )

    def del_var(self, key: str, scope: str) -> None:
        ScriptVar.objects.filter(scope_key=self._scope_key(key, scope)).delete()

    def _scope_key(self, key: str, scope: str) -> str:
        if not isinstance(key, str) or not 0 < len(key) <= MOST_KEY:
            raise ValueError(f"a variable's key is a text of 1 to {MOST_KEY} characters")
        if scope not in ("task", "tenant"):
            raise ValueError("scope is 'task' or 'tenant'")
        return scope_key(self.tenant_id, self.task_id if scope == "task" else None, key)


class VarsCopy(Vars):
    """What is stored, and on top of it, in memory, what this run has set and deleted."""

    def __init__(self, task_id: int, tenant_id: str | None) -> None:
        super().__init__(task_id, tenant_id)
        self.changed: dict[str, Any] = {}
        self.deleted: set[str] = set()

    def get_var(self, key: str, default: Any, scope: str) -> Any:
        name = self._scope_key(key, scope)
        if name in self.deleted:
            return default
        return self.changed[name] if name in self.changed else super().get_var(key, default, scope)

    def set_var(self, key: str, value: Any, scope: str) -> None:
        _require_small(key, value)
        name = self._scope_key(key, scope)
        self.changed[name] = value
        self.deleted.discard(name)

    def del_var(self, key: str, scope: str) -> None:
        name = self._scope_key(key, scope)
        self.changed.pop(name, None)
        self.deleted.add(name)


def _require_small(key: str, value: Any) -> None:
    if len(json.dumps(value, ensure_ascii=False).encode()) > MOST_BYTES:
        raise ValueError(f"set_var({key!r}): the value takes more than 64 KiB as JSON")
