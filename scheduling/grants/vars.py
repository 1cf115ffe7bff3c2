"""The grants `get_var`, `set_var` and `del_var`: JSON values kept from run to run, per task or shared by the tenant.

The values are stored and shown unmasked, so values that hold a secret are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from common.json_values import MAX_DEPTH, is_deeper
from scheduling.models import ScriptVar
from scheduling.models.variable import MAX_BYTES, MAX_KEY, scope_key


def no_secrets(text: str) -> bool:
    return False


class Vars:
    """`holds_secret` returns whether a text holds one of the run's secrets."""

    def __init__(
        self, task_id: int, tenant_id: str | None, holds_secret: Callable[[str], bool] = no_secrets
    ) -> None:
        self.task_id, self.tenant_id, self.holds_secret = task_id, tenant_id, holds_secret

    def get_var(self, key: str, default: Any, scope: str) -> Any:
        row = ScriptVar.objects.filter(scope_key=self._scope_key(key, scope)).first()
        return default if row is None else row.var_value

    def set_var(self, key: str, value: Any, scope: str) -> None:
        self._require_fit(key, value)
        owner = {"task_id": self.task_id} if scope == "task" else {}
        with transaction.atomic():
            _row, is_new = ScriptVar.objects.update_or_create(
                scope_key=self._scope_key(key, scope),
                defaults={"var_value": value},
                create_defaults={"var_value": value, "var_key": key, "tenant_id": self.tenant_id} | owner,
            )
            if is_new:
                self._require_room()

    def _require_room(self) -> None:
        max_variables = settings.MAX_SCRIPT_VARS
        if ScriptVar.objects.filter(Q(tenant_id=self.tenant_id)).count() > max_variables:
            raise ValueError(
                f"set_var: the limit of {max_variables} variables has been reached; remove unused ones with del_var"
            )

    def del_var(self, key: str, scope: str) -> None:
        ScriptVar.objects.filter(scope_key=self._scope_key(key, scope)).delete()

    def _require_fit(self, key: str, value: Any) -> None:
        if is_deeper(value, MAX_DEPTH):
            raise ValueError(f"set_var({key!r}): the value is nested more than {MAX_DEPTH} levels deep")
        text = json.dumps(value, ensure_ascii=False)
        if len(text.encode()) > MAX_BYTES:
            raise ValueError(f"set_var({key!r}): the value takes more than 64 KiB as JSON")
        if ScriptVar.rules["var_value"].problem_with(value):
            raise ValueError(f"set_var({key!r}): the value contains NUL, or a number beyond 64 bits")
        if self.holds_secret(text) or self.holds_secret(str(key)):
            raise ValueError("set_var: the value contains a secret; call get_secret in each run instead")

    def _scope_key(self, key: str, scope: str) -> str:
        if ScriptVar.rules["var_key"].problem_with(key):
            raise ValueError(f"a variable's key must be a text of 1 to {MAX_KEY} characters without NUL")
        if scope not in ("task", "tenant"):
            raise ValueError("scope must be 'task' or 'tenant'")
        return scope_key(self.tenant_id, self.task_id if scope == "task" else None, key)


class VarsCopy(Vars):
    """The stored variables, and over them, only in memory, what this run has set and deleted."""

    def __init__(
        self, task_id: int, tenant_id: str | None, holds_secret: Callable[[str], bool] = no_secrets
    ) -> None:
        super().__init__(task_id, tenant_id, holds_secret)
        self.changed: dict[str, Any] = {}
        self.deleted: set[str] = set()

    def get_var(self, key: str, default: Any, scope: str) -> Any:
        name = self._scope_key(key, scope)
        if name in self.deleted:
            return default
        return self.changed[name] if name in self.changed else super().get_var(key, default, scope)

    def set_var(self, key: str, value: Any, scope: str) -> None:
        self._require_fit(key, value)
        name = self._scope_key(key, scope)
        self.changed[name] = value
        self.deleted.discard(name)

    def del_var(self, key: str, scope: str) -> None:
        name = self._scope_key(key, scope)
        self.changed.pop(name, None)
        self.deleted.add(name)
