"""The second old system: tenants, channels, tasks with what their scripts read, and the log of their runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from common.rules import CODE
from notifications.models import Destination, NotifyChannel, WeComApp
from platform_site.importing import guesses
from platform_site.importing.guesses import TableGuess
from platform_site.importing.old_cron import NeverFiredError, UntranslatableError, translate
from platform_site.importing.old_row import OldRow, UnusableValueError, read_json
from platform_site.importing.report import Report
from platform_site.importing.source import SourceError
from platform_site.importing.taking import ImportPass, status_columns
from scheduling.acts import imported_runs
from scheduling.acts import tasks as task_acts
from scheduling.models import ScheduledTask, ScheduleType, ScriptVar
from scheduling.models.variable import scope_key
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Secret, Tenant, TenantConfig

TASKS, CHANNELS, LOGS = "platform_scheduled_tasks", "platform_task_notify_channels", "platform_task_logs"
OUR_COLUMN = "fire_at"  # a column that only this platform's runs have
# These columns are taken over as they stand: same name, same meaning.
TEXTS = (
    "task_name", "task_desc", "schedule_type", "timezone", "execution_type", "webhook_url", "script_content",
    "script_deps", "alert_webhook",
)  # fmt: skip
NUMBERS = ("retry_count", "retry_interval")
MAX_RETRIES = 2**15 - 2  # attempts are one more, which every database still holds
TIME_POINT = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?", re.ASCII)
CRON_NOTE = (
    "The CRON expression “{old}” was rewritten as “{new}”, which fires at the same times: "
    "the old scheduler (APScheduler) counts weekdays from 0 = Monday and requires both day "
    "fields to match. Check that these are the days you want."
)
UNSAYABLE = (
    "“{old}” fired on days that match both day fields, which CRON can't express here. Create "
    "a task that fires by one of the fields, and let its script check the other."
)
NEVER_FIRED = "The old scheduler could not read “{old}”, so it never fired: {why}."
AS_IT_STOOD = "The value was imported as it was stored: if the old system had encrypted it, enter it "
"again."
IS_SHARED = (
    "This global secret is shared, so every tenant's scripts can read it, as in the old "
    "system. Clear “shared” if you do not want this."
)
OTHER_TENANTS = (
    "Its {what} {old_id} belongs to the tenant {tenant}, but a task can use only those of "
    "its own tenant: choose another."
)
NO_TASK = "The task {old_id} was not imported."
TENANT_OF_ANOTHER_CASE = (
    "“{code}” differs from another tenant's code only in case or accents, which databases "
    "treat as equal: use one spelling in the old database, and import again."
)


class NotTheOldSystemError(SourceError):
    pass


class Import(ImportPass):
    def take(self) -> Report:
        """Import everything. Raises NotTheOldSystemError."""
        if "id" not in self.old.tables.get(TASKS, ()) or OUR_COLUMN in self.old.tables.get(LOGS, ()):
            raise NotTheOldSystemError(
                f"This is not a database of the old system: its {TASKS} is missing, or is this platform's own."
            )
        self.tenants, self.counted = set(Tenant.objects.values_list("code", flat=True)), set[str]()
        if found := guesses.find_table(self.old, guesses.TENANTS):
            for row in self.old.rows(*found):
                self._listed_tenant(row)
        self._guessed("tenant configs", guesses.CONFIGS, self._config)
        self._guessed("secrets", guesses.SECRETS, self._secret)
        self._guessed("WeCom apps", guesses.WECOM_APPS, self._wecom_app)
        self._table("channels", CHANNELS, self._channel)
        self._table("tasks", TASKS, self._task)
        self._guessed("variables", guesses.VARS, self._var)
        self._history()
        return self.report

    def _guessed(self, what: str, guess: TableGuess, make: Callable[[OldRow], Model]) -> None:
        if found := guesses.find_table(self.old, guess):
            self._each(what, self.old.rows(*found), make)
        else:
            self.report.leave(what, guesses.why_not_found(self.old, guess))

    def _table(self, what: str, table: str, make: Callable[[OldRow], Model]) -> None:
        if self.has_ids(what, table):
            self._each(what, self.old.rows(table), make)

    def _each(self, what: str, old_rows: Iterable[OldRow], make: Callable[[OldRow], Model]) -> None:
        for row in old_rows:
            self._named_tenant(row)
            self.one(what, row, make)

    def _listed_tenant(self, row: OldRow) -> None:
        def make() -> None:
            self.keep_created(self._make_tenant(row, "code", row.text("name")), row)

        if not self._knows_tenant(row, "code") and self.by_itself("tenants", row, make):
            self._add_tenant(row.text("code"))

    def _named_tenant(self, row: OldRow) -> None:
        """Make the tenant that the row names, before the row itself: the row may be left, its tenant has others."""
        if self._knows_tenant(row, "tenant_id") or self.is_here(row):
            return
        if not self.attempt(row, lambda: self._make_tenant(row, "tenant_id")):
            self._add_tenant(row.text("tenant_id"))

    def _knows_tenant(self, row: OldRow, column: str) -> bool:
        with suppress(UnusableValueError):
            if (code := row.text(column)) in self.tenants:
                self.report.here["tenants"] += code not in self.counted
                self.counted.add(code)
                return True
        return False

    def _add_tenant(self, code: str) -> None:
        self.report.taken["tenants"] += 1
        self.tenants.add(code)
        self.counted.add(code)

    def _make_tenant(self, row: OldRow, column: str, name: str = "") -> Tenant:
        code = row.text(column)
        if problem := CODE.problem_with(code):
            row.refuse(column, f"“{code[:50]}” is not a valid tenant code: {problem}")
        try:
            return rows.create(Tenant(code=code, name=name or code), SYSTEM)
        except (ValidationError, rows.AlreadyTakenError):
            row.refuse(column, TENANT_OF_ANOTHER_CASE.format(code=code))

    def _tenant(self, row: OldRow) -> str | None:
        """Return the tenant's code, None where the row is global."""
        code = row.text("tenant_id")
        if code and code not in self.tenants:
            self._make_tenant(row, "tenant_id")  # raises an error that says why there is none
        return code or None

    def _needed_tenant(self, row: OldRow) -> str:
        return self._tenant(row) or row.refuse("tenant_id", "The row names no tenant.")

    def _config(self, row: OldRow) -> Model:
        texts = {name: row.text(name) for name in ("app_code", "config_key", "value")}
        return self.create(TenantConfig(tenant_id=self._needed_tenant(row), **texts))

    def _secret(self, row: OldRow) -> Model:
        tenant_id = self._tenant(row)
        self.note(AS_IT_STOOD)
        if tenant_id is None:
            self.note(IS_SHARED)
        texts = {name: row.text(name) for name in ("secret_key", "value", "description")}
        return self.create(Secret(tenant_id=tenant_id, is_shared=tenant_id is None, **texts))

    def _wecom_app(self, row: OldRow) -> Model:
        texts = {name: row.text(name) for name in ("app_name", "corp_id", "corp_secret", "to_user")}
        agent_id = row.whole("agent_id")
        return self.create(WeComApp(tenant_id=self._needed_tenant(row), agent_id=agent_id, **texts))

    def _channel(self, row: OldRow) -> Model:
        columns = ("channel_name", "channel_type", "webhook_url", "sign_secret", "description")
        texts = {name: row.text(name) for name in columns}
        is_enabled = row.flag("is_enabled", default=True)
        channel = NotifyChannel(tenant_id=self._needed_tenant(row), is_enabled=is_enabled, **texts)
        self.note_private(row, "webhook_url", channel.webhook_url)
        return self.create(channel)

    def _task(self, row: OldRow) -> Model:
        task = ScheduledTask(tenant_id=self._tenant(row))
        for column in TEXTS:
            setattr(task, column, row.text(column, getattr(task, column)))
        for column in NUMBERS:
            setattr(task, column, row.whole(column, getattr(task, column)))
        self._read_schedule(task, row)
        task.input_params = row.json_object("input_params")
        task.alert_on_failure = row.flag("alert_on_failure", default=False)
        task.notify_channels = list(self._channels(task, row))
        task.notify_wecom_app_id = self._wecom_app_id(task, row)
        for column in ("webhook_url", "alert_webhook"):
            self.note_private(row, column, getattr(task, column))
        task.is_enabled = self.is_enabled(row.flag("is_enabled", default=True))
        task.clean_fields()
        task_acts.create(task, SYSTEM, self.now)
        self._keep_last_run(task, row)
        return task

    def _read_schedule(self, task: ScheduledTask, row: OldRow) -> None:
        """Read the old CRON expression and time points. Those that the task does not fire by are kept if readable."""
        if task.schedule_type == ScheduleType.CRON:
            task.cron_expression = self._cron(row)
            with suppress(UnusableValueError):
                task.time_points = list(_time_points(row))
        else:
            task.time_points = list(_time_points(row))
            with suppress(ValueError):
                task.cron_expression = translate(row.text("cron_expression"))

    def _cron(self, row: OldRow) -> str:
        old = row.text("cron_expression").strip()
        try:
            new = translate(old) if old else ""
        except UntranslatableError:
            row.refuse("cron_expression", UNSAYABLE.format(old=old))
        except NeverFiredError as error:
            row.refuse("cron_expression", NEVER_FIRED.format(old=old, why=error))
        if new.split() != old.split():
            self.note(CRON_NOTE.format(old=old, new=new))
        return new

    def _channels(self, task: ScheduledTask, row: OldRow) -> Iterator[int]:
        found = (
            self._destination("channel", NotifyChannel, (CHANNELS,), old_id, task, row)
            for old_id in row.json_list("notify_channels")
        )
        yield from dict.fromkeys(pk for pk in found if pk is not None)

    def _wecom_app_id(self, task: ScheduledTask, row: OldRow) -> int | None:
        old_id = row.raw("notify_wecom_app_id")
        if old_id is None:
            return None
        return self._destination("WeCom app", WeComApp, guesses.WECOM_APPS.tables, old_id, task, row)

    def _destination(
        self,
        what: str,
        model: type[Destination],
        tables: Iterable[str],
        old_id: Any,
        task: ScheduledTask,
        row: OldRow,
    ) -> int | None:
        """Return the destination's id here; None, with a note, where the task can't have it."""
        ids = [found for table in tables if (found := self.origins.id_of(table, old_id)) is not None]
        there = model._default_manager.filter(pk__in=ids).only("pk", "tenant_id").first()
        if there is None:
            self.note(f"Its {what} {_short(old_id)} was not imported: choose another.")
        elif task.tenant_id not in (None, there.tenant_id):
            self.note(OTHER_TENANTS.format(what=what, old_id=old_id, tenant=there.tenant_id))
        else:
            return int(there.pk)
        return None

    def _keep_last_run(self, task: ScheduledTask, row: OldRow) -> None:
        status = row.text("last_run_status")
        ScheduledTask.objects.filter(pk=task.pk).update(
            last_run_at=row.moment("last_run_at"),
            last_run_status=status if status in ("success", "failed") else "",
            last_run_message=row.text("last_run_message"),
        )

    def _var(self, row: OldRow) -> Model:
        task_id, tenant_id = None, self._tenant(row)
        if row.raw("task_id") is not None:
            old_task = row.whole("task_id")
            task = self._task_here(old_task) or row.refuse("task_id", NO_TASK.format(old_id=old_task))
            task_id, tenant_id = task.pk, task.tenant_id
        text = row.text("var_value")
        try:
            value = read_json(text)
        except ValueError:
            value = text
        key = row.text("var_key")
        scope = scope_key(tenant_id, task_id, key)
        columns = {"var_key": key, "var_value": value, "scope_key": scope}
        return self.create(ScriptVar(tenant_id=tenant_id, task_id=task_id, **columns))

    def _task_here(self, old_id: object) -> ScheduledTask | None:
        found = self.origins.id_of(TASKS, old_id)
        return None if found is None else ScheduledTask.objects.filter(pk=found).first()

    def _history(self) -> None:
        tasks: dict[int, ScheduledTask | None] = {}
        for chunk in self.old.chunks(LOGS) if self.has_ids("runs", LOGS) else ():
            by_task: dict[int, list[OldRow]] = {}
            for row in chunk:
                self.by_itself("runs", row, partial(self._sort, row, tasks, by_task), writes=False)
            for old_id, of_task in by_task.items():
                if task := tasks[old_id]:
                    self.runs(task, of_task, self._past)

    def _sort(
        self, row: OldRow, tasks: dict[int, ScheduledTask | None], by_task: dict[int, list[OldRow]]
    ) -> None:
        """Put the row with the others of its task."""
        old_id = row.whole("task_id")
        if old_id not in tasks:
            tasks[old_id] = self._task_here(old_id)
        if tasks[old_id] is None:
            row.refuse("task_id", NO_TASK.format(old_id=old_id))
        by_task.setdefault(old_id, []).append(row)

    def _past(self, row: OldRow) -> imported_runs.ImportedRun:
        created, finished = row.moment("created_at"), row.moment("finished_at")
        started = row.moment("started_at") or created or finished
        retries = row.whole("retry_count", 0)
        if not 0 <= retries <= MAX_RETRIES:
            row.refuse("retry_count", f"{retries} is not between 0 and {MAX_RETRIES:,}.")
        return imported_runs.ImportedRun(
            trace_id=self.trace_id(row, row.text("trace_id")),
            started_at=started or row.refuse("started_at", "The row contains no time."),
            finished_at=finished,
            created_at=created,
            output=row.text("output"),
            retry_count=retries,
            **status_columns(row, row.text("error")),
        )


def _time_points(row: OldRow) -> Iterator[str]:
    """Yield the time points. The old system accepted 8:5, which is 08:05 here."""
    for point in row.json_list("time_points"):
        if not isinstance(point, str):
            row.refuse("time_points", f"{_short(point)} is not a time such as 08:00.")
        found = TIME_POINT.fullmatch(point.strip())
        yield ":".join(part.zfill(2) for part in found.groups() if part) if found else point


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 50 else f"{text[:49]}…"
