"""A run: one execution, for one due time or one request. Only `lifecycle.transitions` changes its status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.fields import DeepJSONField
from common.framework.table_defaults import NewHex, UtcNow, in_database
from scheduling.kinds import choices
from scheduling.kinds.script.kind import SCRIPT
from scheduling.models.backfill import Backfill
from scheduling.models.task import ScheduledTask
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
# What `last_run_status` of a task can be besides "": due times that have not run, skipped or missed, leave it as it is.
LastRunStatus = Literal["success", "failed", "canceled"]


class Trigger(models.TextChoices):
    SCHEDULE = "schedule", _("schedule")
    MANUAL = "manual", _("manual")
    API = "api", "API"
    BACKFILL = "backfill", _("backfill")
    RERUN = "rerun", _("rerun")
    HOOK = "hook", _("hook")


# Another program that inserts a run has carried it out itself. Without a status it must not be begun here: skipped.
@in_database(
    task_name="",
    task_version=1,
    execution_type=SCRIPT.name,
    trace_id=NewHex(),
    status=RunStatus.SKIPPED,
    trigger=Trigger.SCHEDULE,
    not_before=UtcNow(),
    created_at=UtcNow(),
)
class Run(models.Model):
    # The task that is run. The id stays when the task is deleted.
    task = models.ForeignKey(
        ScheduledTask,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # the index of the fence (task, fire_at) serves it
        related_name="runs",
        help_text="No constraint: a deleted task's runs stay, with its name.",
    )
    # The task's name when the run was created; it stays when the task is renamed or deleted.
    task_name = models.CharField(_("task"), max_length=100)
    # The task's `version` when the run was created. An attempt reads the task as it is by then.
    task_version = models.PositiveIntegerField(_("task version"))
    # The task's kind when the run was created. It decides the queue: io or script.
    execution_type = models.CharField(_("kind"), max_length=10, choices=choices)
    # The task's tenant when the run was created; NULL for a global task.
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
    # Names the run in messages, logs and requests: 32 hex digits, or what the caller or an import gave.
    trace_id = models.CharField(_("trace id"), max_length=100, unique=True)
    # Where the run stands. Only lifecycle/transitions.py changes it.
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    # Why there is a run.
    trigger = models.CharField(_("trigger"), max_length=10, choices=Trigger.choices)
    # The user who asked for the run, or the system it was imported from; "" for the schedule.
    triggered_by = models.CharField(_("by"), max_length=150, blank=True, default="")
    # The backfill that the run belongs to; NULL for every other trigger.
    backfill = models.ForeignKey(
        Backfill,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,  # its unfinished runs are found by task and status, its ended ones are counted
        related_name="runs",
        null=True,
        blank=True,
    )
    # UTC. The due time, for a window its end. NULL where somebody asked for the run; a rerun copies it.
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    # UTC. Equal to due_at for the schedule's first run of a due time, NULL for all others (the fence).
    fire_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="= due_at where the schedule named it: the fence against firing twice.",
    )
    # UTC. The data window's start. NULL: no window, or a run by hand that gets one when it is claimed.
    window_start = models.DateTimeField(_("window from"), null=True, blank=True)
    # UTC. The data window's end, excluded. NULL as for window_start.
    window_end = models.DateTimeField(_("window to"), null=True, blank=True)
    # Whether its success (its failure too, if on_window_failure says so) moves the task's window cursor.
    moves_cursor = models.BooleanField(default=False, help_text="Its success sets the task's last_end_time.")
    # The task's parameters when the run was created, a caller's merged over them; a rerun copies the old.
    params = DeepJSONField(_("parameters"), default=dict)
    # 0 to 9, copied from the task. Higher ones of a tenant are published first.
    priority = models.PositiveSmallIntegerField(default=5)
    # Whether it is settled that the run takes place: it may be published, and is neither missed nor skipped any more,
    # however long it waits. False until beat has judged the due time; runs that somebody asked for are never judged.
    waits = models.BooleanField(
        default=False, help_text="Judged: it may be published, and is neither missed nor skipped any more."
    )

    # UTC. The due time, the time of the request, or the end of the pause before a retry.
    not_before = models.DateTimeField(help_text="When it may be published: its due time, later for a retry.")
    # UTC. When the run's message was put on its queue; NULL: no message is out, or the run has ended.
    published_at = models.DateTimeField(null=True, blank=True)
    # The task's id while the run is running and the task runs one at a time; else NULL.
    busy_task_id = models.BigIntegerField(
        null=True,
        blank=True,
        unique=True,
        help_text="Held while running by a task that runs one at a time; unique, so a second claim fails.",
    )
    # The worker process of the latest attempt, node:pid; it stays after the end. "" before the first claim.
    worker = models.CharField(_("worker"), max_length=150, blank=True, default="")
    # UTC. Until when the worker holds the run (lifecycle/leases.py). NULL unless a worker holds it.
    lease_until = models.DateTimeField(null=True, blank=True)
    # UTC. When a running run was first asked to end; its worker looks for it. NULL: not asked.
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    # How many attempts were claimed, this one included. A mere wait for a place at Dify is not counted.
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    # Attempts before the latest one: attempt - 1, and 0 before the first.
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    # How often its worker died, was ended or lost its database during an attempt.
    lost_count = models.PositiveSmallIntegerField(default=0, help_text="How often its worker died.")
    # Attempts that use up no retry: they could start nothing outside, or were handed to another worker.
    unstarted_count = models.PositiveSmallIntegerField(
        default=0, help_text="Attempts that could not start anything outside: they use up no retry."
    )

    # UTC. When the first attempt was claimed; NULL before. Durations count from it.
    first_started_at = models.DateTimeField(null=True, blank=True)
    # UTC. When the latest attempt was claimed; NULL before the first one.
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    # UTC. When the run ended; NULL while it is unfinished, also between two attempts.
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Milliseconds from first_started_at to the end, pauses included. NULL: unfinished, or never begun.
    duration_ms = models.PositiveIntegerField(_("duration"), null=True, blank=True)
    # The lines of all attempts, masked and cut at about a million characters; written at the end.
    output = models.TextField(_("output"), blank=True, default="")
    # What the last attempt returned, as masked JSON; NULL: nothing.
    result = DeepJSONField(_("result"), null=True, blank=True)
    # Why the run or its latest attempt did not succeed, or what it waits for; masked. "" after a success.
    error = models.TextField(_("error"), blank=True, default="")
    # The code of `error`, one of lifecycle/error_codes.py. "" where there is no error.
    error_code = models.CharField(_("error code"), max_length=30, blank=True, default="")
    # Dify's id of the run or message that an attempt began, stored as soon as it is known. "" for none.
    external_id = models.CharField(_("external id"), max_length=200, blank=True, default="")
    # Dify's task id, by which its run can be stopped. "" for none.
    external_task_id = models.CharField(max_length=200, blank=True, default="")
    # UTC. When an attempt was about to call Dify; cleared before a retry unless the worker was lost. NULL: no call.
    called_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the outside was asked to begin something: a lost worker's call is looked for, not repeated.",
    )
    # {"spans": […], "left_out": n}, written while the run goes on and at its end. NULL: nothing was seen.
    timeline = models.JSONField(
        _("timeline"), null=True, blank=True, help_text="The nodes of a Dify run, and when they ran."
    )
    # Tokens of the last attempt, from Dify and from ai() calls; NULL where no count was given.
    tokens = models.PositiveIntegerField(_("tokens"), null=True, blank=True)
    # The price of the last attempt as Dify gives it, in Dify's currency; NULL where none was given.
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=7, null=True, blank=True)
    # UTC. When the row was created, up to 20 s before the due time; of an imported run as it was there.
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        db_table = "platform_task_logs"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["task", "fire_at"], name="one_run_per_due_time")]
        # Each index costs every insert, and those with the status every step of a run. None begins with (status, id):
        # MySQL would update a run through it, lock the entry and then the row, in the opposite order to a run's end,
        # and find a deadlock. Of two that find the same rows MySQL takes the one that was created first.
        indexes = [
            models.Index(fields=["status", "published_at"], name="runs_on_their_way"),  # release, reap, lists
            models.Index(
                fields=["status", "not_before"], name="runs_to_publish"
            ),  # release, next wake, counts
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


def runs_of(task_id: int, rows: models.QuerySet[Run]) -> models.QuerySet[Run]:
    """Return the task's runs among the rows, the newest first, in the order of an index that begins with the task.

    MySQL drops a column that is compared by "=" from the order. For the newest twenty runs of a task that has had none
    for long it would then read the whole table backwards; a range of one task keeps the order. The others read that
    range with one column of an index, where "=" gives them two.
    """
    is_mysql = connection.vendor == "mysql" and not getattr(connection, "mysql_is_mariadb", False)
    found = (
        rows.filter(task_id__gte=task_id, task_id__lte=task_id) if is_mysql else rows.filter(task_id=task_id)
    )
    return found.order_by("-task_id", "-id")


def latest_of_each(
    task_ids: Sequence[int], rows: models.QuerySet[Run], count: int
) -> defaultdict[int, list[Run]]:
    """Return the latest runs among the rows of each of the tasks, the newest first, in one query.

    It is a union of limited parts, each read by the index of one task: a window function would read all of a task's
    runs. Django can't write it for SQLite, where only a subquery of a union may have an order and a limit.
    """
    found: defaultdict[int, list[Run]] = defaultdict(list)
    parts = [runs_of(pk, rows)[:count].query.sql_with_params() for pk in task_ids]
    union = " UNION ALL ".join(
        f"SELECT * FROM ({sql}) part_{n}"  # noqa: S608  Django wrote the parts
        for n, (sql, _) in enumerate(parts)
    )
    params = [param for _, given in parts for param in given]
    for run in Run.objects.raw(union, params) if parts else ():
        found[run.task_id].append(run)
    return found


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
