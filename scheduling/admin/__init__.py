"""The admin's pages of tasks, runs and what scripts use. Each module registers its own."""

from scheduling.admin import backfills, channels, data_sources, runs, tasks, variables

__all__ = ["backfills", "channels", "data_sources", "runs", "tasks", "variables"]
