"""Takes over QingLong's variables, robots and Python tasks for one tenant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import Model

from notifications.models import NotifyChannel
from platform_site.importing.old_row import OldRow
from platform_site.importing.qinglong import added
from platform_site.importing.qinglong.commands import Command, read_command
from platform_site.importing.qinglong.folder import QingLong
from platform_site.importing.qinglong.robots import Robot, robots_of
from platform_site.importing.qinglong.variables import Variable, joined, read_variable
from platform_site.importing.report import Report
from platform_site.importing.row_pass import RowPass
from platform_site.importing.scripts.folder import Script
from platform_site.importing.scripts.imports import Imports, imports_of, normalized
from platform_site.importing.source import SourceError
from scheduling.acts import tasks
from scheduling.models import OverlapPolicy, ScheduledTask, ScheduleType
from tenants.access import SYSTEM
from tenants.models import Secret, Tenant

TASKS, VARIABLES, PACKAGES, VIEWS = "Crontabs", "Envs", "Dependences", "CrontabViews"
PYTHON = 1  # a type of packages
ALWAYS_THERE = "requests"  # QingLong's image brings it
TIMEOUT_SECONDS = 3600  # QingLong's own
NO_SCHEDULE = (
    "“{schedule}” names no times. Create a task for the script here, and run it by hand or by its hook."
)
SHELL_AROUND = "Its shell commands before and after the script (task_before, task_after) were not imported."
SIDE_BY_SIDE = "QingLong ran it once for each account, side by side; here one run gets all of these accounts."
FILES = "The script may read {files}, which a script here does not have beside it: put the content into the script."
ONLY_SEND = "The script imports {names}, but only notify.send is here: change the script."
NOT_LISTED = (
    "The script imports {names}, not listed in QingLong's dependencies. Add the packages if it needs them."
)
VIEWS_STAY = "Views of the task list are not imported: the labels are in the descriptions of the tasks."


class Import(RowPass):
    def __init__(self, source: QingLong, tenant: Tenant, now: datetime, *, switch_on: bool) -> None:
        super().__init__(source.key, now, switch_on=switch_on)
        self.database, self.scripts, self.tenant = source.database, source.scripts, tenant
        self.variables: dict[str, str] = {}
        self.packages: dict[str, str] = {}
        self.channels: list[int] = []

    def take(self) -> Report:
        """Import everything. Raises SourceError."""
        if TASKS not in self.database.tables:
            raise SourceError(f"This is not QingLong's database: it has no table {TASKS}.")
        self._take_variables()
        for row in self._rows("dependencies", PACKAGES):
            self.by_itself("dependencies", row, partial(self._read_package, row), writes=False)
        for row in self._rows("tasks", TASKS):
            for one in self._schedules(row):
                self.one("tasks", one, self._task)
        if VIEWS in self.database.tables and any(True for _ in self.database.rows(VIEWS)):
            self.report.leave("views", VIEWS_STAY)
        return self.report

    def _rows(self, what: str, table: str) -> Iterator[OldRow]:
        if table in self.database.tables:
            yield from self.database.rows(table)
        else:
            self.report.leave(what, f"The table {table} does not exist.")

    def _take_variables(self) -> None:
        found: list[Variable] = []
        for row in self._rows("secrets", VARIABLES):
            self.by_itself("secrets", row, partial(_read_into, found, row), writes=False)
        for variable in joined(found):
            self.one("secrets", variable.row, partial(self._secret, variable))
            if Secret.objects.filter(tenant=self.tenant, secret_key=variable.name).exists():
                self.variables[variable.name] = variable.value
        rows = {variable.name: variable.row for variable in joined(found)}
        for robot, address, sign_secret in robots_of(self.variables):
            row = replace(rows[robot.token], known_as=f"robot/{robot.token}")
            self.one("channels", row, partial(self._channel, robot, address, sign_secret))
            self._know_channel(row)

    def _secret(self, variable: Variable, row: OldRow) -> Model:
        columns = {
            "secret_key": variable.name,
            "value": variable.value,
            "description": variable.remarks[:255],
        }
        return self.create(Secret(tenant=self.tenant, **columns))

    def _channel(self, robot: Robot, address: str, sign_secret: str, row: OldRow) -> Model:
        columns = {"channel_type": robot.channel_type, "webhook_url": address, "sign_secret": sign_secret}
        name = f"QingLong {robot.token}"
        return self.create(NotifyChannel(tenant=self.tenant, channel_name=name, **columns))

    def _know_channel(self, row: OldRow) -> None:
        ids = [pk for pk in [self.origins.id_of(row.table, row.origin)] if pk is not None]
        here = NotifyChannel.objects.filter(pk__in=ids, tenant=self.tenant)
        self.channels += here.values_list("pk", flat=True)

    def _read_package(self, row: OldRow) -> None:
        name = row.text("name").strip()
        if row.whole("type", 0) != PYTHON:
            row.refuse("type", f"“{name[:50]}” is not a Python package.")
        bare = name.replace("[", "=").replace("<", "=").replace(">", "=").replace("~", "=").partition("=")[0]
        self.packages[normalized(bare.strip())] = name

    def _schedules(self, row: OldRow) -> Iterator[OldRow]:
        """Yield the row once for each of its schedules: a task here has one."""
        yield row
        more: list[str] = []
        self.attempt(row, lambda: more.extend(_more_schedules(row)), writes=False)
        for number, schedule in enumerate(more, 2):
            columns = {**row.columns, "schedule": schedule, "number": number}
            yield replace(row, columns=columns, known_as=f"{row.id}/{number}")

    def _task(self, row: OldRow) -> Model:
        command, schedule = read_command(row.text("command")), row.text("schedule").strip()
        if not schedule or schedule in ("@once", "@boot"):
            row.refuse("schedule", NO_SCHEDULE.format(schedule=schedule))
        script = self.scripts.script(Path(command.path))
        imports = imports_of(script, self.scripts, added.NOTIFY_MODULES)
        limit = command.seconds or TIMEOUT_SECONDS
        task = ScheduledTask(
            tenant=self.tenant,
            task_name=_name(row, command),
            task_desc=_description(row),
            schedule_type=ScheduleType.CRON,
            cron_expression=schedule,
            timezone=str(row.zone),
            script_content=added.with_added(script, imports, command, self.variables),
            script_deps="\n".join(self._needed(imports)),
            timeout_seconds=min(limit, settings.TASK_MAX_TIMEOUT_SECONDS),
            overlap_policy=OverlapPolicy.ALLOW
            if row.whole("allow_multiple_instances", 0)
            else OverlapPolicy.REPLACE,
            notify_channels=self.channels if added.sends(imports) else [],
        )
        self._note_rest(row, command, script, imports)
        task.is_enabled = self.is_enabled(row.whole("isdisabled", 0) == 0)
        task.clean_fields()
        return tasks.create(task, SYSTEM, self.now)

    def _needed(self, imports: Imports) -> list[str]:
        """Return the packages that the script imports or names, as QingLong lists them."""
        wanted = {normalized(name) for name in imports.packages}
        text = "\n".join(script.text for script in imports.scripts).lower()
        found = {name: line for name, line in self.packages.items() if name in wanted or name in text}
        if ALWAYS_THERE in wanted:
            found.setdefault(ALWAYS_THERE, ALWAYS_THERE)
        if missing := wanted - found.keys():
            self.note(NOT_LISTED.format(names=", ".join(sorted(missing))))
        return sorted(found.values())

    def _note_rest(self, row: OldRow, command: Command, script: Script, imports: Imports) -> None:
        if row.text("task_before").strip() or row.text("task_after").strip():
            self.note(SHELL_AROUND)
        if command.accounts and command.accounts.side_by_side:
            self.note(SIDE_BY_SIDE)
        if missing := added.names_missing(imports):
            self.note(ONLY_SEND.format(names=", ".join(missing)))
        if files := sorted(set(self._files_named(script))):
            self.note(FILES.format(files=", ".join(files)))

    def _files_named(self, script: Script) -> Iterator[str]:
        for node in ast.walk(script.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 200:
                path = script.path.parent / node.value
                if path.suffix != ".py" and not path.is_absolute() and self.scripts.holds(path):
                    yield node.value


def _read_into(found: list[Variable], row: OldRow) -> None:
    found.append(read_variable(row))


def _more_schedules(row: OldRow) -> Iterator[str]:
    for entry in row.json_list("extra_schedules"):
        if isinstance(entry, dict) and isinstance(entry.get("schedule"), str):
            yield entry["schedule"]


def _name(row: OldRow, command: Command) -> str:
    name = " ".join(row.text("name").split()) or command.path.stem
    number = row.whole("number", 1)
    return name[:90] + (f" ({number})" if number > 1 else "")


def _description(row: OldRow) -> str:
    labels = ", ".join(filter(None, (str(label).strip() for label in row.json_list("labels"))))
    text = f"QingLong: {' '.join(row.text('command').split())}" + (f" [{labels}]" if labels else "")
    return text[:500]
