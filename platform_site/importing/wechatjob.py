"""The first old system: one configuration becomes the default Dify task, its log that task's runs."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from platform_site.importing.old_row import OldRow, read_json
from platform_site.importing.report import Report
from platform_site.importing.taking import ImportPass, status_columns
from scheduling.acts import default_task, imported_runs, tasks, window_cursor
from scheduling.models import ScheduledTask
from tenants.access import SYSTEM

CONFIGS, LOGS = "task_configs", "task_logs"
MADE_HERE = "The default task has already been set up here."
NOT_USED = "The old system used only its first configuration."
OFF = "The old task was enabled. Stop the old system, then start the default task here, or use --enable."


class Import(ImportPass):
    def take(self) -> Report:
        if self.has_ids("configuration", CONFIGS):
            for number, row in enumerate(self.old.rows(CONFIGS)):
                self.one("configuration", row, self._not_used if number else self._configure)
            if self.has_ids("runs", LOGS):
                task = default_task.get_or_create(self.now)
                for chunk in self.old.chunks(LOGS):
                    self.runs(task, chunk, self._past)
        return self.report

    def _not_used(self, row: OldRow) -> Model:
        raise ValueError(NOT_USED)

    def _configure(self, row: OldRow) -> Model:
        task = default_task.get_or_create(self.now)
        if task.version > 1:
            raise ValueError(MADE_HERE)
        interval, was_on = row.whole("interval_minutes"), row.flag("is_active", default=False)
        end = row.moment("last_end_time")
        url, key = row.text("dify_url"), row.text("dify_api_key")

        def change(task: ScheduledTask) -> None:
            task.interval_minutes = interval
            task.dify_url, task.dify_api_key = url, key
            task.is_enabled = self.switch_on and was_on

        changed = tasks.update(task.pk, change, SYSTEM, self.now)
        if end is not None:
            window_cursor.set_cursor(changed, end.replace(microsecond=0), SYSTEM, self.now)
        self.note_private(row, "dify_url", url)
        if was_on and not self.switch_on:
            self.note(OFF)
        return changed

    def _past(self, row: OldRow) -> imported_runs.ImportedRun:
        start, end, created = row.moment("start_time"), row.moment("end_time"), row.moment("created_at")
        began = row.moment("execute_time") or created or end
        return imported_runs.ImportedRun(
            trace_id=self.trace_id(row),
            started_at=began or row.refuse("execute_time", "The row contains no time."),
            created_at=created,
            due_at=end,
            window=(start, end) if start and end else None,
            result=_answer(row),
            **status_columns(row, row.text("error_message")),
        )


def _answer(row: OldRow) -> Any:
    """Return what Dify answered: parsed JSON, or the text as it came. None where it answered nothing."""
    text = row.text("response_data")
    try:
        return read_json(text) if text else None
    except ValueError:
        return text
