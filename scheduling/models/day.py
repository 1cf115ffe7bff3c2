"""Runs of a day that is over, counted: the history is too long to be read at each look at the dashboard."""

from __future__ import annotations

from django.db import models


class RunDay(models.Model):
    """One local day of one tenant; `tenant` "" holds the runs without a tenant, and tells that the day is counted."""

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
