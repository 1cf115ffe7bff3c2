"""The pages of data sources: the databases that scripts may query, kept by superusers. The DSN is write-only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from scheduling.acts import data_sources
from scheduling.clients.sources import InvalidDsnError, SourceError, read_dsn
from scheduling.models import DataSource
from scheduling.models.source import source_key
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import label
from tenants.admin.pages import TenantFilter
from tenants.admin.post_actions import Act
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import Role

KINDS = {"sqlite": "SQLite", "mysql": "MySQL"}


class TablesField(forms.CharField):
    """Table names, one to a line for people, a list in the column."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, list) else str(value or "").split()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class DataSourceForm(WriteOnlyForm):
    allowed_tables = TablesField(
        label=_("allowed tables"),
        required=False,
        help_text=_("One per line. Leave empty for all tables of its database except the platform's own."),
    )

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        tenant = values["tenant"].code if values.get("tenant") else self.instance.tenant_id
        same = DataSource.objects.filter(scope_key=source_key(tenant, values.get("name", "")))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("A data source with this name already exists."))
        return values


@admin.register(DataSource)
class DataSourceAdmin(ScopedAdmin):
    form = DataSourceForm
    acts = (Act("test", _("Test connection"), "cable", in_list=True),)
    teaches = _(
        "A database that scripts can query with db_query(sql): read-only, and only the tables listed here."
    )
    list_display = ("name", "kind", "tenant", "is_default", "tables", "updated_at")
    list_select_related = ("tenant",)
    list_filter = (TenantFilter,)
    search_fields = ("name",)
    fields = ("tenant", "name", "dsn", "allowed_tables", "is_default")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        help_texts = {
            "name": _("The name that scripts use: db_query(…, source=name)."),
            "dsn": _(
                "mysql://user:password@host:3306/database?tls=true, or sqlite:////path/to/file.db. Never shown."
            ),
            "is_default": _(
                "Used when a script names no data source. The global default serves every tenant that "
                "has none of its own."
            ),
        }
        return super().get_form(request, obj, change, help_texts=help_texts, **kwargs)

    @admin.display(description=_("kind"))
    def kind(self, row: DataSource) -> str:
        try:
            return label(KINDS[read_dsn(row.dsn).kind], "default")
        except InvalidDsnError:
            return label(_("unreadable"), "danger")

    @admin.display(description=_("allowed tables"))
    def tables(self, row: DataSource) -> str:
        names = ", ".join(row.allowed_tables[:4]) + (" …" if len(row.allowed_tables) > 4 else "")
        return names or gettext("all")

    def may(self, request: HttpRequest, role: Role, row: Any) -> bool:
        """Return whether the user is a superuser: they keep the data sources, also those of a tenant."""
        return actor(request).everything

    # --- acts

    def save_model(self, request: HttpRequest, obj: DataSource, form: Any, change: bool) -> None:
        if not change:
            data_sources.create(obj, actor(request))
            return
        stored = DataSource.objects.get(pk=obj.pk)
        data_sources.change(stored, {name: getattr(obj, name) for name in form.changed_data}, actor(request))

    def act_test(self, request: HttpRequest, row: DataSource) -> None:
        try:
            data_sources.try_source(row)
        except SourceError as error:
            text = gettext("Could not connect to %(name)s: %(why)s") % {"name": row, "why": error}
            self.message_user(request, text, messages.ERROR)
        else:
            text = gettext("%(name)s is connected and can be read.") % {"name": row}
            self.message_user(request, text, messages.SUCCESS)
