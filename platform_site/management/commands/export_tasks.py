"""`manage.py export_tasks`: writes tasks as YAML, for a repository or another installation. It writes no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from platform_site.importing.document import as_yaml
from platform_site.importing.keys import rows_by_key
from scheduling.models import ScheduledTask
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Writes tasks as YAML, which import_tasks reads. Secrets are named but not written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "tasks", nargs="*", metavar="TASK", help="IDs or names of tasks; all tasks by default"
        )
        parser.add_argument("--tenant", help="code of the tenant whose tasks are exported")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="file to write; standard output by default"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["tenant"] and not Tenant.objects.filter(code=options["tenant"]).exists():
            raise CommandError(f"The tenant {options['tenant']!r} does not exist.")
        # The keys are those of the whole platform: import_tasks counts the tasks of one name in the same way.
        tasks = rows_by_key(ScheduledTask.objects.order_by("pk"))
        if options["tenant"]:
            tasks = {key: task for key, task in tasks.items() if task.tenant_id == options["tenant"]}
        text = as_yaml(_chosen(tasks, options["tasks"]))
        if options["output"] is None:
            self.stdout.write(text, ending="")
        else:
            options["output"].write_text(text, encoding="utf-8")


def _chosen(tasks: dict[str, ScheduledTask], names: list[str]) -> dict[str, ScheduledTask]:
    """Return the tasks with these ids or names, all where none is named. Raises CommandError for an unknown one."""
    if not names:
        return tasks
    chosen = {key: task for key, task in tasks.items() if {str(task.pk), task.task_name} & set(names)}
    found = {name for task in chosen.values() for name in (str(task.pk), task.task_name)}
    if missing := [name for name in names if name not in found]:
        raise CommandError(f"These tasks do not exist: {', '.join(missing)}.")
    return chosen
