"""A run: one execution, for one due time or one request. `lifecycle.transitions` alone writes its status."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.fields import DeepJSONField
from common.framework.table_defaults import NewHex, UtcNow, in_database
from scheduling.models.backfill import Backfill
from scheduling.models.task import ExecutionType, ScheduledTask
from tenants.models import Tenant


class RunStatus(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    SUCCESS = "success", _("success")
    FAILED = "failed", _("failed")
    SKIPPED = "skipped", _("skipped")
    MISSED = "missed", _("missed")
    CANCELED = "canceled", _("canceled")


UNFINISHED = (RunStatus.QUEUED, RunStatus.RUNNING)


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", _("schedule")
    MANUAL = "manual", _("by hand")
    API = "api", "API"
    BACKFILL = "backfill", _("backfill")
    RERUN = "rerun", _("rerun")
    HOOK = "hook", _("hook")


# A run that is inserted by others has been carried out by them, too: without a status it is none to be begun.
@in_database(
    task_name="",
    task_version=1,
    execution_type=ExecutionType.SCRIPT,
    trace_id=NewHex(),
    status=RunStatus.SKIPPED,
    trigger=Trigger.SCHEDULE,
    not_before=UtcNow(),
    created_at=UtcNow(),
)
class Run(models.Model):
    task = models.ForeignKey(
        ScheduledTask,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the fence's index begins with it
        related_name="runs",
        help_text="No constraint: a deleted task's runs stay, with its name.",
    )
    task_name = models.CharField(_("task"), max_length=100)
    task_version = models.PositiveIntegerField(_("task version"))
    execution_type = models.CharField(_("kind"), max_length=10, choices=ExecutionType.choices)
    tenant = models.ForeignKey(
        Tenant,
        models.DO_NOTHING,
        to_field="code",
        db_column="tenant_id",
        db_constraint=False,
        db_index=False,
        null=True,
        blank=True,
        verbose_name=_("tenant"),
    )
    trace_id = models.CharField(_("trace id"), max_length=100, unique=True)
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    trigger = models.CharField(_("trigger"), max_length=10, choices=Trigger.choices)
    triggered_by = models.CharField(_("by"), max_length=150, blank=True, default="")
    backfill = models.ForeignKey(
        Backfill,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # its unfinished runs are found by task and status, its ended ones are counted
        related_name="runs",
        null=True,
        blank=True,
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    fire_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="= due_at where the schedule named it: the fence against firing twice.",
    )
    window_start = models.DateTimeField(_("window from"), null=True, blank=True)
    window_end = models.DateTimeField(_("window to"), null=True, blank=True)
    moves_cursor = models.BooleanField(default=False, help_text="Its success sets the task's last_end_time.")
    params = DeepJSONField(_("parameters"), default=dict)
    priority = models.PositiveSmallIntegerField(default=5)
    waits = models.BooleanField(
        default=False, help_text="Never skipped for overlap: it waits for the one before."
    )

    not_before = models.DateTimeField(help_text="When it may be published: its due time, later for a retry.")
    published_at = models.DateTimeField(null=True, blank=True)
    busy_task_id = models.BigIntegerField(
        null=True,
        blank=True,
        unique=True,
        help_text="Held while running by a task that runs one at a time; unique, so a second claim fails.",
    )
    worker = models.CharField(_("worker"), max_length=150, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    lost_count = models.PositiveSmallIntegerField(default=0, help_text="How often its worker died.")
    unstarted_count = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts that could not start anything outside: they use up no retry."
    )

    first_started_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    duration_ms = models.PositiveIntegerField(_("duration"), null=True, blank=True)
    output = models.TextField(_("output"), blank=True, default="")
    result = DeepJSONField(_("result"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True, default="")
    error_code = models.CharField(_("error code"), max_length=30, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=200, blank=True, default="")
    external_task_id = models.CharField(max_length=200, blank=True, default="")
    called_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the outside was asked to begin something: a lost worker's call is looked for, not repeated.",
    )
    timeline = models.JSONField(
        _("timeline"), null=True, blank=True, help_text="What ran inside a Dify run, and when."
    )
    tokens = models.PositiveIntegerField(_("tokens"), null=True, blank=True)
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=7, null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        db_table = "platform_task_logs"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["task", "fire_at"], name="one_run_per_due_time")]
        # Each costs every insert, and those with the status every step of a run. None begins with (status, id): MySQL
        # would update a run through it, lock entry and row in the other order than an end does, and find a deadlock.
        indexes = [
            models.Index(
                fields=["status", "not_before"], name="runs_to_publish"
            ),  # release, next wake, counts
            models.Index(fields=["status", "published_at"], name="runs_on_their_way"),  # release, reap, lists
            models.Index(fields=["task", "status"], name="runs_of_task_by_status"),  # overlap, cancel
            models.Index(fields=["task", "id"], name="runs_of_task"),  # lists, the newest first
            models.Index(fields=["tenant", "id"], name="runs_of_tenant"),
            models.Index(fields=["trigger", "id"], name="runs_by_trigger"),
            models.Index(fields=["due_at"], name="runs_by_due_time"),
            models.Index(fields=["created_at"], name="runs_by_creation"),
            models.Index(fields=["error_code", "id"], name="runs_by_error"),
        ]
        verbose_name, verbose_name_plural = _("run"), _("runs")

    def __str__(self) -> str:
        return f"{self.task_name} #{self.pk}"


class Stream(models.TextChoices):
    STDOUT = "stdout", "stdout"
    LOG = "log", "log"
    SYSTEM = "system", "system"


class RunLine(models.Model):
    """One line of a run's live log; `seq` counts up from 1 without gaps."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="lines")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    stream = models.CharField(max_length=10, choices=Stream.choices)
    text = models.TextField()

    class Meta:
        db_table = "platform_task_log_lines"
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_line_per_seq")]

    def __str__(self) -> str:
        return self.text
