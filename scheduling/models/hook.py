"""A task's hook: the address at which another system starts a run of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from scheduling.models.task import ScheduledTask


class TaskHook(models.Model):
    """A hook, at most one for each task. Only the hash of its token is kept."""

    task = models.OneToOneField(ScheduledTask, models.CASCADE, related_name="hook", verbose_name=_("task"))
    prefix = models.CharField(_("begins with"), max_length=12)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        db_table = "platform_task_hooks"
        verbose_name, verbose_name_plural = _("hook"), _("hooks")

    def __str__(self) -> str:
        return f"{self.task} ({self.prefix}…)"

    @property
    def tenant_id(self) -> str | None:
        """The tenant in whose audit log the hook appears."""
        return self.task.tenant_id
