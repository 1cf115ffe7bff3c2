"""A task: what a user set up to be run, and when."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, JsonListField, JsonObjectField
from common.framework.table_defaults import UtcNow, in_database
from common.ruled import Ruled
from notifications.models import WeComApp
from scheduling.rules import NEEDED, RULES
from tenants.models import Tenant


class ExecutionType(models.TextChoices):
    DIFY = "dify", "Dify"
    WEBHOOK = "webhook", "Webhook"
    SCRIPT = "script", _("Python script")


class ScheduleType(models.TextChoices):
    SIMPLE = "simple", _("time points")
    CRON = "cron", "CRON"
    INTERVAL = "interval", _("interval")
    ONCE = "once", _("once")


class CalendarPolicy(models.TextChoices):
    SKIP = "skip", _("skip")
    SHIFT = "shift", _("shift to the next such day")


class MisfirePolicy(models.TextChoices):
    FIRE_ONCE = "fire_once", _("run the latest")
    SKIP = "skip", _("run none")
    FIRE_ALL = "fire_all", _("run all")


class OverlapPolicy(models.TextChoices):
    SKIP = "skip", _("skip the new one")
    QUEUE = "queue", _("let one wait")
    ALLOW = "allow", _("run side by side")
    REPLACE = "replace", _("cancel the old one")


class CatchUp(models.TextChoices):
    EACH = "each", _("each window")
    MERGED = "merged", _("all in one window")


class OnWindowFailure(models.TextChoices):
    HOLD = "hold", _("try the same window again")
    ADVANCE = "advance", _("go on with the next")


class RetryBackoff(models.TextChoices):
    FIXED = "fixed", _("fixed")
    EXPONENTIAL = "exponential", _("exponential")


class DifyAppType(models.TextChoices):
    WORKFLOW = "workflow", _("workflow")
    CHAT = "chat", _("chat")
    COMPLETION = "completion", _("completion")


class DifyResponseMode(models.TextChoices):
    STREAMING = "streaming", _("streaming")
    BLOCKING = "blocking", _("blocking")


class DepsStatus(models.TextChoices):
    NONE = "", _("none")
    LOCKING = "locking", _("being locked")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class IncompleteTaskError(Exception):
    """No run of a task can begin: it lacks what its kind needs, named by `columns`."""

    def __init__(self, columns: list[str]) -> None:
        super().__init__(f"The task lacks {', '.join(columns)}.")
        self.columns = columns


DEFAULT_TIMEOUT_SECONDS = {"dify": 1260, "script": 300, "webhook": 30}


# Whoever inserts a task without a next run has it planned from then on.
@in_database(next_run_at=UtcNow(), created_at=UtcNow(), updated_at=UtcNow())
class ScheduledTask(Ruled):
    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("tenant"),
        help_text=_("Empty: a global task."),
    )
    task_name = models.CharField(_("name"), max_length=100)
    task_desc = models.CharField(_("description"), max_length=500, blank=True, default="")
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_default = models.BooleanField(default=False, editable=False)

    schedule_type = models.CharField(
        _("schedule"), max_length=10, choices=ScheduleType.choices, default=ScheduleType.SIMPLE
    )
    time_points = JsonListField(_("time points"), default=list, blank=True, help_text='["08:00", "12:30:15"]')
    cron_expression = models.CharField(_("CRON expression"), max_length=100, blank=True, default="")
    interval_minutes = models.PositiveIntegerField(_("interval in minutes"), null=True, blank=True)
    run_at = models.DateTimeField(_("run at"), null=True, blank=True)
    timezone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    calendar = models.CharField(
        _("calendar"),
        max_length=50,
        blank=True,
        default="",
        help_text=_("The code of a calendar of the tenant's or of everybody's; empty: every day."),
    )
    calendar_policy = models.CharField(
        _("on other days"), max_length=5, choices=CalendarPolicy.choices, default=CalendarPolicy.SKIP
    )
    start_at = models.DateTimeField(_("valid from"), null=True, blank=True)
    end_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    spread_seconds = models.PositiveIntegerField(_("spread in seconds"), default=0)
    anchor_at = models.DateTimeField(null=True, blank=True, editable=False)

    execution_type = models.CharField(
        _("kind"), max_length=10, choices=ExecutionType.choices, default=ExecutionType.SCRIPT
    )
    input_params = JsonObjectField(_("parameters"), default=dict, blank=True)
    timeout_seconds = models.PositiveIntegerField(
        _("time limit in seconds"),
        null=True,
        blank=True,
        help_text=_("Empty: 1260 for Dify, 300 for scripts, 30 for webhooks."),
    )
    priority = models.PositiveSmallIntegerField(_("priority"), default=5, help_text=_("0 to 9, 9 first."))

    misfire_policy = models.CharField(
        _("when late"), max_length=10, choices=MisfirePolicy.choices, default=MisfirePolicy.FIRE_ONCE
    )
    misfire_grace_seconds = models.PositiveIntegerField(_("late after seconds"), default=300)
    overlap_policy = models.CharField(
        _("when still running"), max_length=10, choices=OverlapPolicy.choices, default=OverlapPolicy.SKIP
    )
    retry_count = models.PositiveSmallIntegerField(_("retries"), default=0)
    retry_interval = models.PositiveIntegerField(_("seconds between retries"), default=60)
    retry_backoff = models.CharField(
        _("backoff"), max_length=12, choices=RetryBackoff.choices, default=RetryBackoff.FIXED
    )
    retry_on_worker_lost = models.BooleanField(_("again when its worker died"), default=True)

    use_windows = models.BooleanField(_("data windows"), default=False)
    catch_up = models.CharField(_("catch up"), max_length=6, choices=CatchUp.choices, default=CatchUp.EACH)
    on_window_failure = models.CharField(
        _("when a window fails"), max_length=7, choices=OnWindowFailure.choices, default=OnWindowFailure.HOLD
    )
    # The window cursor: where the next window starts. Written by the platform and by an act of its own.
    last_end_time = models.DateTimeField(_("next window's start"), null=True, blank=True, editable=False)
    window_start_param = models.CharField(_("parameter of the start"), max_length=100, default="start_time")
    window_end_param = models.CharField(_("parameter of the end"), max_length=100, default="end_time")
    window_time_format = models.CharField(_("time format"), max_length=50, default="%Y-%m-%d %H:%M:%S")

    dify_url = models.CharField(_("Dify address"), max_length=500, blank=True, default="")
    dify_api_key = EncryptedTextField(_("Dify API key"), blank=True, default="")
    dify_app_type = models.CharField(
        _("app type"), max_length=10, choices=DifyAppType.choices, default=DifyAppType.WORKFLOW
    )
    dify_workflow_id = models.CharField(_("workflow version id"), max_length=64, blank=True, default="")
    dify_query = models.TextField(_("question"), blank=True, default="")
    dify_user = models.CharField(_("Dify user"), max_length=100, blank=True, default="")
    dify_response_mode = models.CharField(
        _("response mode"),
        max_length=10,
        choices=DifyResponseMode.choices,
        default=DifyResponseMode.STREAMING,
    )
    retry_on_unknown = models.BooleanField(_("again when the outcome is unknown"), default=False)

    webhook_url = EncryptedTextField(_("webhook address"), blank=True, default="")
    webhook_method = models.CharField(_("method"), max_length=10, default="POST")
    webhook_headers = EncryptedTextField(_("headers"), blank=True, default="", help_text=_("A JSON object."))
    webhook_body_template = models.TextField(_("body"), blank=True, default="")
    webhook_secret = EncryptedTextField(_("webhook secret"), blank=True, default="")

    script_content = models.TextField(_("script"), blank=True, default="")
    script_deps = models.TextField(
        _("dependencies"), blank=True, default="", help_text=_("One to a line: pandas>=2,<3")
    )
    deps_status = models.CharField(
        _("dependencies' state"), max_length=7, choices=DepsStatus.choices, default="", editable=False
    )
    memory_mb = models.PositiveIntegerField(_("memory in MiB"), null=True, blank=True)
    cpu_seconds = models.PositiveIntegerField(_("CPU seconds"), null=True, blank=True)

    notify_channels = JsonListField(_("channels"), of=int, default=list, blank=True)
    notify_wecom_app = models.ForeignKey(
        WeComApp,
        models.PROTECT,
        null=True,
        blank=True,
        db_column="notify_wecom_app_id",
        related_name="tasks",
        verbose_name=_("WeCom app"),
    )
    result_template = models.TextField(_("message template"), blank=True, default="")
    alert_on_failure = models.BooleanField(_("alert on failure"), default=False)
    alert_webhook = EncryptedTextField(_("alert address"), blank=True, default="")
    alert_after_failures = models.PositiveSmallIntegerField(_("alert after failures in a row"), default=1)
    alert_on_recovery = models.BooleanField(_("alert on recovery"), default=False)
    alert_on_missed = models.BooleanField(_("alert on missed runs"), default=False)
    alert_max_duration_seconds = models.PositiveIntegerField(
        _("alert when it runs longer, in seconds"), null=True, blank=True
    )

    keep_runs_days = models.PositiveIntegerField(
        _("keep runs for days"),
        null=True,
        blank=True,
        help_text=_("Empty: what the platform is set to, 90 days."),
    )

    next_run_at = models.DateTimeField(_("next run"), null=True, blank=True, editable=False)
    last_run_at = models.DateTimeField(_("last run"), null=True, blank=True, editable=False)
    last_run_status = models.CharField(
        _("last status"), max_length=10, blank=True, default="", editable=False
    )
    last_run_message = models.TextField(_("last message"), blank=True, default="", editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
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
        """How long a run may take; a row that was saved before the operator's maximum is held to it, too."""
        seconds = self.timeout_seconds or DEFAULT_TIMEOUT_SECONDS[self.execution_type]
        return timedelta(seconds=min(seconds, settings.TASK_MAX_TIMEOUT_SECONDS))

    @property
    def hands_out_windows(self) -> bool:
        return self.use_windows and self.schedule_type == ScheduleType.INTERVAL

    @property
    def missing_columns(self) -> list[str]:
        """The columns that are empty though no run of the task could begin without them."""
        columns = NEEDED.get(self.execution_type, ())
        missing = [column for column in columns if not getattr(self, column).strip()]
        if self.hands_out_windows and not self.interval_minutes:
            missing.append("interval_minutes")
        return missing

    def require_complete(self) -> None:
        """Raise IncompleteTaskError if a run could not begin: a task that is switched off may be a draft."""
        if missing := self.missing_columns:
            raise IncompleteTaskError(missing)
