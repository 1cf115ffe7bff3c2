"""Takes over a crontab's Python scripts and calls of addresses for one tenant."""

from __future__ import annotations

import pwd
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from platform_site.importing.crontab.commands import PythonCommand, read_command
from platform_site.importing.crontab.lines import Job, UnreadableLineError, read_lines
from platform_site.importing.http_request import Request
from platform_site.importing.old_row import OldRow
from platform_site.importing.report import Report
from platform_site.importing.row_pass import RowPass
from platform_site.importing.scripts import added_lines
from platform_site.importing.scripts.environ import variables_read
from platform_site.importing.scripts.folder import ScriptFolder
from platform_site.importing.scripts.imports import KNOWN_PACKAGES, Imports, imports_of, normalized
from scheduling.acts import tasks
from scheduling.kinds.script.kind import SCRIPT
from scheduling.models import OverlapPolicy, ScheduledTask, ScheduleType
from tenants.access import SYSTEM
from tenants.models import Secret, Tenant

LINE, VARIABLE = "line", "variable"
# Variables that are for cron itself, or that a script here has from the sandbox.
OF_CRON = {
    "CONTENT_TRANSFER_ENCODING", "CONTENT_TYPE", "CRON_TZ", "HOME", "LANG", "LOGNAME", "MAILFROM", "MAILTO", "PATH",
    "PYTHONPATH", "RANDOM_DELAY", "SHELL", "TZ", "USER",
}  # fmt: skip
COLUMN_NAMES = {"cron_expression": "schedule", "webhook_url": "command", "webhook_headers": "command"}
AT_REBOOT = "Nothing here runs at the start of a machine."
STDIN = "It passes text to the command's standard input (after the first %), which is empty here."
OTHER_USER = "The command ran as {user}; a script here runs in the sandbox and sees no files of {user}."
MAIL = "cron mailed the output to {to}. Choose a channel for the task, and have the script set `result`."
PACKAGES = "The script imports {names}. If these are packages, add them to the dependencies of the task."
TAKEN_VARIABLE = "The crontab's variable {name} is a secret of the tenant now."
ANOTHER_VALUE = "The tenant already has a secret {name} with another value, which the script gets."


@dataclass(frozen=True)
class Crontab:
    """A crontab that has been read. `home` is where the commands of a user's crontab start."""

    key: str
    content: bytes
    is_system: bool
    home: Path
    zone: ZoneInfo


class Import(RowPass):
    def __init__(self, source: Crontab, tenant: Tenant, now: datetime, *, switch_on: bool) -> None:
        super().__init__(source.key, now, switch_on=switch_on)
        self.source, self.tenant = source, tenant

    def take(self) -> Report:
        seen: Counter[str] = Counter()
        for number, job in read_lines(self.source.content, is_system=self.source.is_system):
            if isinstance(job, UnreadableLineError):
                self.report.leave_row("tasks", LINE, number, job)
                continue
            text = f"{job.schedule} {job.user} {job.command}"
            seen[text] += 1
            columns = {"schedule": job.schedule, "command": job.command}
            row = OldRow(LINE, number, columns, self.source.zone, COLUMN_NAMES, _known_as(text, seen[text]))
            self.one("tasks", row, partial(self._task, job))
        return self.report

    def _task(self, job: Job, row: OldRow) -> Model:
        if job.schedule == "@reboot":
            row.refuse("schedule", AT_REBOOT)
        if job.input_text:
            row.refuse("command", STDIN)
        command = read_command(job.command, _home(self.source, job))
        columns = command.columns() if isinstance(command, Request) else self._script_columns(job, command)
        columns["task_name"] = (job.comment or columns["task_name"])[:100]
        task = ScheduledTask(
            tenant=self.tenant,
            schedule_type=ScheduleType.CRON,
            cron_expression=job.schedule,
            timezone=job.environment.get("CRON_TZ", str(row.zone)),
            overlap_policy=OverlapPolicy.ALLOW,
            **columns,
        )
        if to := job.environment.get("MAILTO"):
            self.note(MAIL.format(to=to))
        self.note_private(row, "webhook_url", task.webhook_url)
        task.is_enabled = self.is_enabled(was_on=True)
        task.clean_fields()
        return tasks.create(task, SYSTEM, self.now)

    def _script_columns(self, job: Job, command: PythonCommand) -> dict[str, Any]:
        file = command.path.resolve()
        folder = ScriptFolder(file.parent)
        script = folder.script(Path(file.name))
        imports = imports_of(script, folder)
        parts = [
            added_lines.modules(imports.beside),
            added_lines.environment(self._secrets_read(job, imports)),
            added_lines.arguments(command.arguments),
        ]
        if job.user:
            self.note(OTHER_USER.format(user=job.user))
        return {
            "execution_type": SCRIPT.name,
            "task_name": file.stem,
            "task_desc": f"crontab: {' '.join(job.command.split())}"[:500],
            "script_content": added_lines.with_added(script, parts, "import_crontab", "crontab"),
            "script_deps": "\n".join(self._known_packages(imports)),
        }

    def _known_packages(self, imports: Imports) -> list[str]:
        unknown = {name for name in imports.packages if normalized(name) not in KNOWN_PACKAGES}
        if unknown:
            self.note(PACKAGES.format(names=", ".join(sorted(unknown))))
        return sorted(imports.packages - unknown)

    def _secrets_read(self, job: Job, imports: Imports) -> list[str]:
        """Make secrets of the crontab's own variables that the script reads, and return their names."""
        own = {name: value for name, value in job.environment.items() if value and name not in OF_CRON}
        names = variables_read(imports.scripts, own)
        for name in names:
            secret = Secret.objects.filter(tenant=self.tenant, secret_key=name).first()
            if secret is None:
                self.create(Secret(tenant=self.tenant, secret_key=name, value=own[name]))
                self.note(TAKEN_VARIABLE.format(name=name))
            elif secret.value != own[name]:
                self.note(ANOTHER_VALUE.format(name=name))
        return names


def _known_as(text: str, number: int) -> str:
    """Return what a line is known by: its text, so that it stays known when lines are added above it."""
    return f"{sha256(text.encode()).hexdigest()[:20]}/{number}"


def _home(source: Crontab, job: Job) -> Path:
    """Return the folder in which the command started."""
    if home := job.environment.get("HOME"):
        return Path(home)
    if not job.user:
        return source.home
    try:
        return Path(pwd.getpwnam(job.user).pw_dir)
    except KeyError:
        return Path("/")
