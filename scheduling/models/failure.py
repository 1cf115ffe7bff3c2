"""A failure group: the failed runs of one task that failed for the same reason."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ruled import Ruled
from common.rules import MOMENT, Text
from scheduling.models.task import ScheduledTask
from tenants.models import Tenant


class FailureState(models.TextChoices):
    OPEN = "open", _("open")
    RESOLVED = "resolved", _("resolved")
    MUTED = "muted", _("muted")


class FailureGroup(Ruled):
    """Written by one upsert at a failed run's end (lifecycle/failures.py), and by people's acts (acts/failures.py).

    The fingerprint is the primary key, and there is no other unique index: an upsert then locks one row and no gap, and
    many ends at once find no deadlock.
    """

    # 32 hex digits made of the task, the error code and `place`, see lifecycle/fingerprints.py.
    fingerprint = models.CharField(_("fingerprint"), max_length=32, primary_key=True)
    # The task whose runs these are. The group is deleted with it.
    task = models.ForeignKey(
        ScheduledTask,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="failures",
        verbose_name=_("task"),
        help_text="No constraint: its check would lock the task's row.",
    )
    # The task's tenant at the latest failure; NULL for a global task.
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
    # The code of the runs' errors, one of lifecycle/error_codes.py.
    error_code = models.CharField(_("error code"), max_length=30)
    # Where and how it fails, without what differs from run to run: the last frame, the HTTP status or the first line.
    place = models.CharField(_("place of the fault"), max_length=200)
    # The latest run's error, masked, cut to 2000 characters.
    error = models.TextField(_("error"))
    # How many runs have failed so, deleted ones included.
    run_count = models.PositiveIntegerField(_("runs"), default=1)
    # {"2026-12-01": n}: how many failed on each of the platform's days; beat drops those that no page shows.
    days = models.JSONField(default=dict)
    # UTC. When the first of them ended.
    first_at = models.DateTimeField(_("first"))
    # UTC. When the latest of them ended.
    last_at = models.DateTimeField(_("last"))
    # The id of the run that ended last.
    last_run_id = models.BigIntegerField(_("latest run"))
    # What people have decided about it. A failure after `resolved`, or after the end of `muted`, opens it again.
    state = models.CharField(
        _("state"), max_length=8, choices=FailureState.choices, default=FailureState.OPEN
    )
    # UTC. When it was last opened: by the first failure, by one after it was resolved or muted, or by hand.
    opened_at = models.DateTimeField(_("opened"))
    # UTC. Until when it alerts nobody, while it is muted; NULL: until somebody opens it.
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    # Who last changed the state; "" for a failure.
    decided_by = models.CharField(_("by"), max_length=150, blank=True, default="")
    # UTC. When somebody last changed the state; NULL: nobody did.
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Why, in their words.
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    # Runs up to this id have been run again; 0: none has.
    rerun_to = models.BigIntegerField(default=0)

    rules = {"muted_until": MOMENT, "reason": Text(max_length=200)}

    class Meta:
        db_table = "platform_failures"
        ordering = ["-last_at", "fingerprint"]
        indexes = [
            models.Index(fields=["last_at"], name="failures_by_time"),
            models.Index(fields=["state", "last_at"], name="failures_by_state"),  # lists
            models.Index(
                fields=["state", "opened_at"], name="failures_by_opening"
            ),  # the number in the side bar
            models.Index(fields=["tenant", "last_at"], name="failures_of_tenant"),
        ]
        verbose_name, verbose_name_plural = _("failure"), _("failures")

    def __str__(self) -> str:
        return f"{self.error_code}: {self.place}" if self.place else self.error_code

    def is_silent(self, now: datetime) -> bool:
        """Return whether its failures alert nobody by now."""
        return self.state == FailureState.MUTED and (self.muted_until is None or self.muted_until > now)

    def comes_back_with(self, now: datetime) -> bool:
        """Return whether a failure by now would open it again."""
        return self.state != FailureState.OPEN and not self.is_silent(now)
