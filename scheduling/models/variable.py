"""Script variables: values that scripts keep from run to run."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import JsonValueField, KeyField
from common.ruled import Ruled
from common.rules import Json, Text
from scheduling.models.task import ScheduledTask
from tenants import limits
from tenants.models import Tenant

MAX_BYTES = 64 << 10
MAX_KEY = 100


class ScriptVar(Ruled):
    """One JSON value of a task, or, without a task, one that all tasks of the tenant share."""

    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        verbose_name=_("tenant"),
    )
    task = models.ForeignKey(
        ScheduledTask,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="script_vars",
        verbose_name=_("task"),
    )
    var_key = KeyField(_("key"), max_length=100)
    var_value = JsonValueField(_("value"))
    scope_key = KeyField(
        max_length=170,
        unique=True,
        editable=False,
        help_text="task:<id>:<key> or tenant:<code>:<key>: unique also where a column is NULL.",
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {"var_key": Text(MAX_KEY, 1), "var_value": Json(MAX_BYTES)}

    class Meta:
        db_table = "platform_script_vars"
        ordering = ["scope_key"]
        verbose_name, verbose_name_plural = _("script variable"), _("script variables")

    def __str__(self) -> str:
        return self.var_key

    def clean(self) -> None:
        """Raise ValidationError if the tenant has its maximum number of variables."""
        limits.require_room(self, ScriptVar.objects.filter(tenant=self.tenant), settings.MAX_SCRIPT_VARS)


def scope_key(tenant_id: str | None, task_id: int | None, var_key: str) -> str:
    return f"tenant:{tenant_id or ''}:{var_key}" if task_id is None else f"task:{task_id}:{var_key}"
