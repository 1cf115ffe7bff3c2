"""Databases that scripts may query."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, KeyField
from common.ruled import Ruled
from common.rules import Items, Text, trimmed_rule, word_rule
from tenants.models import Tenant

TABLE = word_rule(64)


def _dsn_problem(text: str) -> str:
    from scheduling.clients.sources import InvalidDsnError, read_dsn  # noqa: PLC0415  # loads the clients

    try:
        read_dsn(text)
    except InvalidDsnError as error:
        return str(_("The DSN can't be used: %(why)s") % {"why": error})
    return ""


class DataSource(Ruled):
    """A database. A tenant's scripts may query its own and the global default one, global tasks the global ones."""

    name = KeyField(_("name"), max_length=100)
    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        related_name="data_sources",
        verbose_name=_("tenant"),
    )
    dsn = EncryptedTextField(
        "DSN", help_text="mysql://user:password@host:3306/shop?tls=true, sqlite:////var/lib/shop.db"
    )
    allowed_tables = models.JSONField(
        _("allowed tables"),
        default=list,
        blank=True,
        help_text=_("Leave empty for all tables of its database except the platform's own."),
    )
    is_default = models.BooleanField(_("default"), default=False)
    scope_key = KeyField(
        max_length=170,
        unique=True,
        editable=False,
        help_text="<tenant's code>:<name>: unique also where the tenant is NULL.",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {
        "name": trimmed_rule(100),
        "dsn": Text(2000, 1, find_problem=_dsn_problem),
        "allowed_tables": Items(TABLE, 1000),
    }

    class Meta:
        db_table = "platform_data_sources"
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("data source"), _("data sources")

    def __str__(self) -> str:
        return self.name


def source_key(tenant_id: str | None, name: str) -> str:
    return f"{tenant_id or ''}:{name}"
