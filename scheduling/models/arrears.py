"""What a task owes: due times that have passed, have no rows, and are too many to be written at once."""

from __future__ import annotations

from django.db import models

from common.fields import DeepJSONField


class TaskArrears(models.Model):
    """The due times in [since, until] by the schedule as it was. Beat works them off, step by step.

    `task_id` is a plain number, no foreign key: a deleted task's due times become rows, too.
    """

    task_id = models.BigIntegerField()
    since = models.DateTimeField(help_text="The first due time that has no row.")
    until = models.DateTimeField(help_text="When they were reached, all together.")
    unfinished = models.PositiveIntegerField(help_text="How many earlier runs they overlap with.")
    task = DeepJSONField(help_text="The columns that due times, runs and their fate follow from.")
    calendar = models.JSONField(null=True, help_text="The calendar as it was.")

    class Meta:
        db_table = "platform_task_arrears"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.since} – {self.until}"
