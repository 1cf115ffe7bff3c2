"""The second old system: tenants, channels, tasks with what their scripts read, and the log of their runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from common.ruled import in_words
from notifications.models import NotifyChannel, WeComApp
from platform_site.moving import guesses
from platform_site.moving.guesses import Guess
from platform_site.moving.old_database import OldDatabase, Row, json_value, moment
from platform_site.moving.origins import Origins
from platform_site.moving.report import Report
from scheduling.engine import changes, past
from scheduling.engine.flaws import Flawed
from scheduling.models import RunStatus, ScheduledTask, ScriptVar
from scheduling.models.variable import scope_key
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Secret, Tenant, TenantConfig

TASKS, CHANNELS, LOGS = "platform_scheduled_tasks", "platform_task_notify_channels", "platform_task_logs"
OURS = "fire_at"  # a column that only this platform's runs have
# Taken over as they stand: same name, same meaning.
SAME = (
    "task_name", "task_desc", "schedule_type", "cron_expression", "timezone", "execution_type", "webhook_url",
    "script_content", "script_deps", "retry_count", "retry_interval", "alert_webhook",
)  # fmt: skip
STATUS = {"success": RunStatus.SUCCESS, "failed": RunStatus.FAILED}
WEEKDAY = re.compile(r"\d")
CRON_NOTE = (
    "Tasks {names}: the old system's scheduler counted weekdays from 0 = Monday, CRON here from 0 = Sunday. "
    "Write MON, TUE … where they fire on another day than meant."
)


class NotOld(Exception):
    pass


class Import:
    """One pass over the old database; rows that an earlier pass has made stay as they are."""

    def __init__(self, old: OldDatabase, zone: tzinfo, now: datetime, *, switch_on: bool) -> None:
        self.old, self.zone, self.now, self.switch_on = old, zone, now, switch_on
        self.origins, self.report = Origins(old.name), Report()
        self.weekdays: list[str] = []

    def take(self) -> Report:
        """Raises NotOld."""
        if TASKS not in self.old.tables or OURS in self.old.tables.get(LOGS, ()):
            raise NotOld(
                f"This is no database of the old system: its {TASKS} is not there, or this platform's own."
            )
        self._tenants()
        self._guessed("tenant configs", guesses.CONFIGS, self._config)
        self._guessed("secrets", guesses.SECRETS, self._secret)
        self._guessed("WeCom apps", guesses.WECOM_APPS, self._wecom_app)
        self._table("channels", CHANNELS, self._channel)
        self._table("tasks", TASKS, self._task)
        self._guessed("variables", guesses.VARS, self._var)
        self._history()
        if self.weekdays:
            self.report.note(CRON_NOTE.format(names=", ".join(self.weekdays)))
        return self.report

    def _tenants(self) -> None:
        """Those of a table, and every code that another row names."""
        named = {str(row["code"]): row.get("name") for _, row in self._rows(guesses.TENANTS)}
        for table in (TASKS, CHANNELS):
            for row in self._old_rows(table):
                if row.get("tenant_id"):
                    named.setdefault(str(row["tenant_id"]), None)
        known = set(Tenant.objects.values_list("code", flat=True))
        for code in sorted(named):
            if code in known:
                self.report.here["tenants"] += 1
                continue
            try:
                rows.create(Tenant(code=code, name=named[code] or code), SYSTEM)
                self.report.taken["tenants"] += 1
            except ValidationError as error:
                self.report.leave(f"tenant {code}", in_words(error))

    def _guessed(self, what: str, guess: Guess, make: Callable[[dict[str, Any]], Model]) -> None:
        found = guesses.find(self.old, guess)
        if found is None:
            self.report.leave(what, guesses.why_not(self.old, guess))
            return
        for old_id, row in found.rows(self.old):
            self._one(what, found.table, old_id, row, make)

    def _rows(self, guess: Guess) -> Iterator[tuple[Any, dict[str, Any]]]:
        found = guesses.find(self.old, guess)
        return found.rows(self.old) if found else iter(())

    def _table(self, what: str, table: str, make: Callable[[Row], Model]) -> None:
        for row in self._old_rows(table):
            self._one(what, table, row["id"], row, make)

    def _old_rows(self, table: str) -> Iterator[Row]:
        return self.old.rows(table) if table in self.old.tables else iter(())

    def _one(self, what: str, table: str, old_id: Any, row: Row, make: Callable[[Row], Model]) -> None:
        if self.origins.id_of(table, old_id) is not None:
            self.report.here[what] += 1
            return
        try:
            with transaction.atomic():
                self.origins.remember(make(row), table, old_id)
        except (Refused, Flawed, changes.TenantFullError) as error:
            self.report.leave(f"{table} {old_id}", error)
        except ValidationError as error:
            self.report.leave(f"{table} {old_id}", in_words(error))
        except rows.Taken:
            self.report.leave(f"{table} {old_id}", "there is such a row here already, made by somebody")
        else:
            self.report.taken[what] += 1

    def _config(self, row: Row) -> Model:
        value = "" if row["value"] is None else str(row["value"])
        return rows.create(TenantConfig(**row | {"value": value, "tenant_id": self._tenant(row)}), SYSTEM)

    def _secret(self, row: Row) -> Model:
        self.report.note(
            "Secrets are taken as they stood: if the old system had encrypted them, set them anew."
        )
        columns = {name: value for name, value in row.items() if value is not None}
        return rows.create(Secret(**columns | {"tenant_id": self._tenant(row)}), SYSTEM)

    def _wecom_app(self, row: Row) -> Model:
        columns = {name: value for name, value in row.items() if value is not None}
        return rows.create(WeComApp(**columns | {"tenant_id": self._tenant(row)}), SYSTEM)

    def _channel(self, row: Row) -> Model:
        tenant_id = self._tenant(row)
        if tenant_id is None:
            raise Refused("it belongs to no tenant")
        columns = {
            name: row[name] or ""
            for name in ("channel_name", "channel_type", "webhook_url", "sign_secret", "description")
        }
        channel = NotifyChannel(tenant_id=tenant_id, is_enabled=bool(row["is_enabled"]), **columns)
        return rows.create(channel, SYSTEM)

    def _task(self, row: Row) -> Model:
        task = ScheduledTask(
            tenant_id=self._tenant(row), is_enabled=self.switch_on and bool(row["is_enabled"])
        )
        for column in SAME:
            if row[column] is not None:
                setattr(task, column, row[column])
        task.time_points = json_value(row["time_points"], [])
        task.input_params = json_value(row["input_params"], {})
        task.alert_on_failure = bool(row["alert_on_failure"])
        task.notify_channels = list(self._channel_ids(row))
        task.notify_wecom_app_id = self._wecom_app_id(row)
        changes.create(task, SYSTEM, self.now)
        self._keep_last_run(task, row)
        self._note_of(task, row)
        return task

    def _channel_ids(self, row: Row) -> Iterator[int]:
        for old_id in json_value(row["notify_channels"], []):
            found = self.origins.id_of(CHANNELS, old_id)
            if found is None or not NotifyChannel.objects.filter(pk=found).exists():
                self.report.note(
                    f"Task {row['task_name']}: its channel {old_id} is not here, choose another."
                )
            else:
                yield found

    def _wecom_app_id(self, row: Row) -> int | None:
        old_id = row.get("notify_wecom_app_id")
        if old_id is None:
            return None
        found = next(
            filter(None, (self.origins.id_of(table, old_id) for table in guesses.WECOM_APPS.tables)), None
        )
        if found is None:
            self.report.note(
                f"Task {row['task_name']}: its WeCom app {old_id} is not here, make it and choose it."
            )
        return found

    def _keep_last_run(self, task: ScheduledTask, row: Row) -> None:
        ScheduledTask.objects.filter(pk=task.pk).update(
            last_run_at=moment(row["last_run_at"], self.zone),
            last_run_status=row["last_run_status"] if row["last_run_status"] in STATUS else "",
            last_run_message=row["last_run_message"] or "",
        )

    def _note_of(self, task: ScheduledTask, row: Row) -> None:
        if row["is_enabled"] and not self.switch_on:
            self.report.note(
                "Tasks are switched off here: stop the old system, then switch them on, or use --enable."
            )
        fields = (task.cron_expression or "").split()
        if task.schedule_type == "cron" and len(fields) >= 5 and WEEKDAY.search(fields[-1]):
            self.weekdays.append(task.task_name)

    def _var(self, row: Row) -> Model:
        task_id = None
        tenant_id = self._tenant(row)
        if row.get("task_id") is not None:
            task = self._task_here(row["task_id"])
            if task is None:
                raise Refused(f"its task {row['task_id']} is not here")
            task_id, tenant_id = task.pk, task.tenant_id
        value = json_value(row["var_value"], row["var_value"])
        key = str(row["var_key"])
        return rows.create(
            ScriptVar(
                tenant_id=tenant_id,
                task_id=task_id,
                var_key=key,
                var_value=value,
                scope_key=scope_key(tenant_id, task_id, key),
            ),
            SYSTEM,
        )

    def _tenant(self, row: Mapping[str, Any]) -> str | None:
        return str(row["tenant_id"]) if row.get("tenant_id") else None

    def _task_here(self, old_id: object) -> ScheduledTask | None:
        found = self.origins.id_of(TASKS, old_id)
        return None if found is None else ScheduledTask.objects.filter(pk=found).first()

    def _history(self) -> None:
        if LOGS not in self.old.tables:
            self.report.leave("history", f"no table {LOGS} was found")
            return
        lost = 0
        for chunk in self.old.chunks(LOGS):
            by_task: dict[int, list[Row]] = {}
            for row in chunk:
                by_task.setdefault(row["task_id"], []).append(row)
            for old_task, of_task in by_task.items():
                task = self._task_here(old_task)
                if task is None:
                    lost += len(of_task)
                else:
                    self._add(task, of_task)
        if lost:
            self.report.leave(f"{lost} rows of {LOGS}", "their tasks are not here")

    def _add(self, task: ScheduledTask, of_task: list[Row]) -> None:
        runs = [self._past(row) for row in of_task]
        new = past.add(task, runs, self.old.name)
        self.report.taken["runs"] += new
        self.report.here["runs"] += len(runs) - new

    def _past(self, row: Row) -> past.Past:
        created = moment(row["created_at"], self.zone)
        status = STATUS.get(row["status"])
        return past.Past(
            trace_id=f"{self.old.name}.{row['id']}.{row['trace_id'] or ''}"[:100],
            status=status or RunStatus.FAILED,
            started_at=moment(row["started_at"], self.zone) or created or self.now,
            finished_at=moment(row["finished_at"], self.zone),
            created_at=created,
            output=row["output"] or "",
            error=row["error"] or ("" if status else f"It was “{row['status']}” when it was taken over."),
            retry_count=row["retry_count"] or 0,
        )


class Refused(Exception):
    """Why one old row is left."""
