"""The admin's pages of tasks, runs and script variables. Each module registers its own."""

from scheduling.admin import channels, runs, tasks, variables

__all__ = ["channels", "runs", "tasks", "variables"]
