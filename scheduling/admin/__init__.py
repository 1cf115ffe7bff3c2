"""The admin's pages of tasks, calendars, runs and script variables. Each module registers its own."""

from scheduling.admin import calendars, channels, runs, tasks, variables

__all__ = ["calendars", "channels", "runs", "tasks", "variables"]
