"""A task: what a user set up to be run, and when."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, JsonListField, JsonObjectField, encrypted_columns
from common.framework.table_defaults import UtcNow, in_database
from common.ruled import Ruled
from notifications.models import WeComApp
from scheduling.kinds import KINDS, choices
from scheduling.kinds.dify.columns import DifyColumns
from scheduling.kinds.script.columns import ScriptColumns
from scheduling.kinds.script.kind import SCRIPT
from scheduling.kinds.webhook.columns import WebhookColumns
from scheduling.rules import RULES
from tenants.models import Tenant


class ScheduleType(models.TextChoices):
    SIMPLE = "simple", _("time points")
    CRON = "cron", "CRON"
    INTERVAL = "interval", _("interval")
    ONCE = "once", _("once")


class CalendarPolicy(models.TextChoices):
    SKIP = "skip", _("skip")
    SHIFT = "shift", _("move to the next such day")


class MisfirePolicy(models.TextChoices):
    FIRE_ONCE = "fire_once", _("run the latest")
    SKIP = "skip", _("run none")
    FIRE_ALL = "fire_all", _("run all")


class OverlapPolicy(models.TextChoices):
    SKIP = "skip", _("skip the new one")
    QUEUE = "queue", _("queue one")
    ALLOW = "allow", _("run side by side")
    REPLACE = "replace", _("cancel the old one")


class CatchUp(models.TextChoices):
    EACH = "each", _("each window")
    MERGED = "merged", _("all in one window")


class OnWindowFailure(models.TextChoices):
    HOLD = "hold", _("retry the same window")
    ADVANCE = "advance", _("continue with the next")


class RetryBackoff(models.TextChoices):
    FIXED = "fixed", _("fixed")
    EXPONENTIAL = "exponential", _("exponential")


class IncompleteTaskError(Exception):
    """No run of the task can begin, because the columns named in `columns` are empty."""

    def __init__(self, columns: list[str]) -> None:
        super().__init__(f"Fill in these fields before the task can run: {', '.join(columns)}.")
        self.columns = columns


# A task that another program inserts without a next_run_at is planned by beat from that time on.
@in_database(next_run_at=UtcNow(), created_at=UtcNow(), updated_at=UtcNow())
class ScheduledTask(DifyColumns, WebhookColumns, ScriptColumns, Ruled):
    # The tenant that owns the task; NULL: a global task.
    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("tenant"),
        help_text=_("Leave empty for a global task."),
    )
    # The name that people see. It need not be unique.
    task_name = models.CharField(_("name"), max_length=100)
    # What the task is for, in the user's words; "" for nothing.
    task_desc = models.CharField(_("description"), max_length=500, blank=True, default="")
    # Words by which people group their tasks; see models/tags.py.
    tags = JsonListField(_("tags"), default=list, blank=True)
    # Whether the schedule fires. A disabled task may be incomplete; a complete one can be run by hand.
    is_enabled = models.BooleanField(_("enabled"), default=True)
    # Whether this is the default Dify task of acts/default_task.py.
    is_default = models.BooleanField(default=False, editable=False)

    # Which rule names the due times. Only the columns of that rule are read.
    schedule_type = models.CharField(
        _("schedule"), max_length=10, choices=ScheduleType.choices, default=ScheduleType.SIMPLE
    )
    # For `simple`: wall times of each day, HH:MM or HH:MM:SS, in `timezone`.
    time_points = JsonListField(_("time points"), default=list, blank=True, help_text='["08:00", "12:30:15"]')
    # For `cron`: the expression, in `timezone`. "" for none.
    cron_expression = models.CharField(_("CRON expression"), max_length=100, blank=True, default="")
    # For `interval`: minutes between due times, or the length of a window. NULL for none.
    interval_minutes = models.PositiveIntegerField(_("interval in minutes"), null=True, blank=True)
    # For `once`: the only due time, UTC. NULL for none.
    run_at = models.DateTimeField(_("run at"), null=True, blank=True)
    # IANA name of the zone of all wall times, window texts and template times of the task.
    timezone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    # The code of a calendar, the tenant's own before a global one; "": every day.
    calendar = models.CharField(
        _("calendar"),
        max_length=50,
        blank=True,
        default="",
        help_text=_(
            "The code of one of the tenant's calendars, or of a shared one. Leave empty to run every day."
        ),
    )
    # What becomes of a due time on a day that the calendar does not cover.
    calendar_policy = models.CharField(
        _("on other days"), max_length=5, choices=CalendarPolicy.choices, default=CalendarPolicy.SKIP
    )
    # UTC. The first due time that is allowed, before the spread; included. NULL: no limit.
    start_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    # UTC. The last due time that is allowed, before the spread; included. NULL: no limit.
    end_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    # The maximum offset in seconds that is added to each due time; each task's own is fixed. 0: none.
    spread_seconds = models.PositiveIntegerField(_("spread in seconds"), default=0)
    # UTC. Where the interval's grid begins; set by acts/tasks.py when the grid's columns change. NULL: 1970.
    anchor_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The kind of the task: which executor runs it.
    execution_type = models.CharField(_("kind"), max_length=10, choices=choices, default=SCRIPT.name)
    # A JSON object: the parameters that each new run copies.
    input_params = JsonObjectField(_("parameters"), default=dict, blank=True)
    # How long a run may take, in seconds; NULL: the kind's default. TASK_MAX_TIMEOUT_SECONDS limits both.
    timeout_seconds = models.PositiveIntegerField(
        _("time limit in seconds"),
        null=True,
        blank=True,
        help_text=_("Leave empty for the default of the kind."),
    )
    # 0 to 9, copied to each run; of a tenant's waiting runs the highest goes first.
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=5, help_text=_("From 0 to 9; tasks with a higher number run first.")
    )

    # Which of the due times that are reached too late still run.
    misfire_policy = models.CharField(
        _("when missed"), max_length=10, choices=MisfirePolicy.choices, default=MisfirePolicy.FIRE_ONCE
    )
    # How many seconds after its due time, and a tick of 1 s, a run is not yet late.
    misfire_grace_seconds = models.PositiveIntegerField(_("grace in seconds"), default=300)
    # What a due time does that is reached while an earlier run is unfinished.
    overlap_policy = models.CharField(
        _("when still running"), max_length=10, choices=OverlapPolicy.choices, default=OverlapPolicy.SKIP
    )
    # How many more attempts may follow a first one that failed.
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    # Seconds between two attempts, or before the first retry where the backoff is exponential.
    retry_interval = models.PositiveIntegerField(_("seconds between retries"), default=60)
    # Whether the pause stays the same or doubles each time, up to an hour, give or take 20 %.
    retry_backoff = models.CharField(
        _("backoff"), max_length=12, choices=RetryBackoff.choices, default=RetryBackoff.FIXED
    )
    # Whether a run whose worker died is tried again; the first time it uses up no retry.
    retry_on_worker_lost = models.BooleanField(_("retry when the worker is lost"), default=True)

    # Whether each run gets the next data window. Only an interval task hands out windows.
    use_windows = models.BooleanField(_("data windows"), default=False)
    # After downtime: one run for each window that has ended, or one run for all of them.
    catch_up = models.CharField(_("catch up"), max_length=6, choices=CatchUp.choices, default=CatchUp.EACH)
    # Whether a window whose run has failed is tried again, or the cursor moves past it.
    on_window_failure = models.CharField(
        _("when a window fails"), max_length=7, choices=OnWindowFailure.choices, default=OnWindowFailure.HOLD
    )
    # UTC. The window cursor: the next window's start. Set at first use, by a run's end, by hand. NULL: unused.
    last_end_time = models.DateTimeField(_("next window's start"), null=True, blank=True, editable=False)
    # The Dify input that gets the window's start.
    window_start_param = models.CharField(_("start parameter"), max_length=100, default="start_time")
    # The Dify input that gets the window's end.
    window_end_param = models.CharField(_("end parameter"), max_length=100, default="end_time")
    # strftime format of the window's times in Dify inputs, and of times in templates; in `timezone`.
    window_time_format = models.CharField(_("time format"), max_length=50, default="%Y-%m-%d %H:%M:%S")

    # Ids of the notification channels that get the result of each successful run.
    notify_channels = JsonListField(_("channels"), of=int, default=list, blank=True)
    # A WeCom app that gets it too, and writes to people; NULL: none.
    notify_wecom_app = models.ForeignKey(
        WeComApp,
        models.PROTECT,
        null=True,
        blank=True,
        db_column="notify_wecom_app_id",
        related_name="tasks",
        verbose_name=_("WeCom app"),
    )
    # A template of a Dify run's message; "": the outputs, or the text among them.
    result_template = models.TextField(_("message template"), blank=True, default="")
    # Whether failures and lost workers alert at alert_webhook. Lost workers else alert the platform's.
    alert_on_failure = models.BooleanField(_("alert on failure"), default=False)
    # The address of the task's alerts, encrypted. "": none; lost workers alert at the platform's.
    alert_webhook = EncryptedTextField(_("alert address"), blank=True, default="")
    # How many runs must fail in a row before an alert goes out.
    alert_after_failures = models.PositiveSmallIntegerField(_("alert after failures in a row"), default=1)
    # Whether a success after an alerted failure sends an alert; needs alert_on_failure.
    alert_on_recovery = models.BooleanField(_("alert on recovery"), default=False)
    # Whether due times that were reached too late to run send an alert.
    alert_on_missed = models.BooleanField(_("alert on missed runs"), default=False)
    # A run that takes longer than this many seconds sends an alert; NULL: none does.
    alert_max_duration_seconds = models.PositiveIntegerField(
        _("alert when it runs longer, in seconds"), null=True, blank=True
    )

    # After how many days ended runs are deleted, but for the newest; NULL: the setting KEEP_RUNS_DAYS.
    keep_runs_days = models.PositiveIntegerField(
        _("days to keep runs"),
        null=True,
        blank=True,
        help_text=_("Leave empty to use the platform's setting, which is 90 days by default."),
    )

    # UTC. The next due time that has no row. NULL: none is to come, or a window's run sets it at its end.
    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, editable=False)
    # UTC. When the last ended run began its latest attempt, or ended without one. NULL: none has ended.
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True, editable=False)
    # The status of the last ended run, skipped and missed ones left out. "": none has ended.
    last_run_status = models.CharField(
        _("last status"), max_length=10, blank=True, default="", editable=False
    )
    # The last ended run's error, cut to 2000 characters; "" after a success.
    last_run_message = models.TextField(_("last message"), blank=True, default="", editable=False)
    # 1 when created, 1 more with each change by a user; the row of `versions` has the columns of then.
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # UTC. When the row was created.
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # UTC. When a user last changed the task. Beat and runs do not touch it.
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = RULES

    class Meta:
        db_table = "platform_scheduled_tasks"
        ordering = ["-id"]
        indexes = [models.Index(fields=["is_enabled", "next_run_at"], name="tasks_due")]
        verbose_name, verbose_name_plural = _("task"), _("tasks")

    def __str__(self) -> str:
        return self.task_name

    @property
    def timeout(self) -> timedelta:
        """How long a run may take: never longer than the operator's maximum, whenever the row was saved."""
        seconds = self.timeout_seconds or KINDS[self.execution_type].timeout_seconds
        return timedelta(seconds=min(seconds, settings.TASK_MAX_TIMEOUT_SECONDS))

    @property
    def hands_out_windows(self) -> bool:
        return self.use_windows and self.schedule_type == ScheduleType.INTERVAL

    @property
    def missing_columns(self) -> list[str]:
        """Names of the empty columns that a run of the task could not begin without."""
        columns = KINDS[self.execution_type].needs if self.execution_type in KINDS else ()
        missing = [column for column in columns if not getattr(self, column).strip()]
        if self.hands_out_windows and not self.interval_minutes:
            missing.append("interval_minutes")
        return missing

    def require_complete(self) -> None:
        """Raise IncompleteTaskError if a run could not begin; a task that is switched off may be a draft."""
        if missing := self.missing_columns:
            raise IncompleteTaskError(missing)


SECRET_COLUMNS = encrypted_columns(ScheduledTask)
