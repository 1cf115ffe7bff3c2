"""The admin's pages of tasks, calendars, runs and what scripts use. Each module registers its own."""

from scheduling.admin import backfills, calendars, channels, data_sources, failures, tasks, variables
from scheduling.admin.run_pages import admin as runs

__all__ = ["backfills", "calendars", "channels", "data_sources", "failures", "runs", "tasks", "variables"]
