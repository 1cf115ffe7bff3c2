"""A backfill: runs for the due times of a range that has passed."""

from __future__ import annotations

from typing import Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ruled import Ruled
from common.rules import MOMENT, Range
from scheduling.models.task import ScheduledTask
from tenants.models import Tenant

PARALLEL = Range(1, 100)


class Backfill(Ruled):
    """Runs for the due times of a past range. `done` counts the ended runs, `failed` those of them that failed.

    Both are counted as runs end, so that a page reads one row for the progress, and pruned runs stay counted.
    """

    task = models.ForeignKey(
        ScheduledTask,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="backfills",
        help_text="No constraint: it stays with its runs when the task is deleted.",
    )
    tenant = models.ForeignKey(
        Tenant,
        models.DO_NOTHING,
        to_field="code",
        db_column="tenant_id",
        db_constraint=False,
        db_index=False,
        null=True,
        verbose_name=_("tenant"),
    )
    from_at = models.DateTimeField(_("from"))
    to_at = models.DateTimeField(_("to"), help_text="The range ends just before this time.")
    max_parallel = models.PositiveSmallIntegerField(_("runs at once"), default=1)
    sends_messages = models.BooleanField(
        _("send each run's message"),
        default=False,
        db_default=False,
        help_text=_("Without this, one summary is sent to the task's channels when all runs have ended."),
    )
    total = models.PositiveIntegerField(_("runs"))
    done = models.PositiveIntegerField(_("ended"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    created_by = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    canceled_at = models.DateTimeField(_("canceled"), null=True, blank=True)

    rules = {"from_at": MOMENT, "to_at": MOMENT, "max_parallel": PARALLEL}

    class Meta:
        db_table = "platform_backfills"
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("backfill"), _("backfills")

    def __str__(self) -> str:
        return f"#{self.pk} {self.from_at:%Y-%m-%d %H:%M} – {self.to_at:%Y-%m-%d %H:%M}"

    @property
    def status(self) -> Literal["running", "done", "canceled"]:
        if self.canceled_at is not None:
            return "canceled"
        return "done" if self.done >= self.total else "running"
