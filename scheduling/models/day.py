"""Counts of the runs of past days: the dashboard cannot read the whole history each time it is shown."""

from __future__ import annotations

from django.db import models


class RunDay(models.Model):
    """One local day of one tenant. The row with `tenant` "" holds the global runs and marks the day as counted."""

    date = models.DateField()
    tenant = models.CharField(max_length=50, blank=True)
    success = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "platform_run_days"
        constraints = [
            models.UniqueConstraint(fields=["date", "tenant"], name="one_count_per_day_and_tenant")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.tenant}"
