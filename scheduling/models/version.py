"""Versions: a task as it was after each change."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import DeepJSONField
from scheduling.models.task import ScheduledTask


class TaskVersion(models.Model):
    task = models.ForeignKey(ScheduledTask, models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.CharField(_("by"), max_length=150)
    summary = models.CharField(_("what changed"), max_length=500, blank=True, default="")
    deps_key = models.CharField(
        max_length=64, blank=True, default="", help_text="Hash of what its script needs."
    )
    deps_lock = models.TextField(blank=True, default="", help_text="Exact versions, with hashes.")
    deps_error = models.TextField(blank=True, default="", help_text="Why they could not be locked.")
    fields = DeepJSONField(_("fields"), help_text="Every column a user sets, secrets left out.")

    class Meta:
        db_table = "platform_task_versions"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["task", "version"], name="one_row_per_version")]
        verbose_name, verbose_name_plural = _("task version"), _("task versions")

    def __str__(self) -> str:
        return f"v{self.version}"
