"""The admin's pages of tasks, calendars, runs and what scripts use. Each module registers its own."""

from scheduling.admin import backfills, calendars, channels, data_sources, failures, runs, tasks, variables

__all__ = ["backfills", "calendars", "channels", "data_sources", "failures", "runs", "tasks", "variables"]
