"""The pages of script variables: what scripts have kept with `set_var`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from scheduling.models import ScriptVar
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import as_json
from tenants.admin.pages import TenantFilter


@admin.register(ScriptVar)
class ScriptVarAdmin(ReadOnlyAdmin):
    teaches = _("Values that scripts keep between runs with set_var(key, value) and read with get_var(key).")
    list_display = ("var_key", "task", "tenant", "updated_at")
    list_select_related = ("task", "tenant")
    list_filter = (TenantFilter,)
    search_fields = ("var_key",)
    fields = ("var_key", "task", "tenant", "value", "updated_at")

    @admin.display(description=_("value"))
    def value(self, row: ScriptVar) -> str:
        return as_json(row.var_value)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.may(request, self.changed_by, obj)
