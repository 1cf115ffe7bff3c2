"""What Ctrl+K finds besides the pages, which unfold finds itself: tasks, runs, channels and WeCom apps."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from common.numbers import int_or
from notifications.models import NotifyChannel, WeComApp
from scheduling.admin.wording import schedule_text
from scheduling.models import Run, ScheduledTask
from tenants.access import Actor, visible_to
from tenants.admin.access import actor

SHOWN = 8  # of each kind
MAX_ID = 2**63 - 1


def search(request: HttpRequest, term: str) -> list[SearchResult]:
    who = actor(request)
    return [
        *(_found(task, "overview", "schedule", schedule_text(task)) for task in _tasks(who, term)),
        *(_found(run, "change", "history", run.get_status_display()) for run in _runs(who, term)),
        *(_found(row, "change", "campaign", str(row._meta.verbose_name)) for row in _destinations(who, term)),
    ]


def _tasks(who: Actor, term: str) -> QuerySet[ScheduledTask]:
    rows = visible_to(ScheduledTask.objects.filter(task_name__icontains=term), who)
    return rows.order_by("task_name", "pk")[:SHOWN]


def _runs(who: Actor, term: str) -> QuerySet[Run]:
    """Return the runs of that number or trace id. Both have an index, the texts have none."""
    number = int_or(term.removeprefix("#"), 0)
    found = Q(trace_id=term) | Q(pk=number) if 0 < number <= MAX_ID else Q(trace_id=term)
    return visible_to(Run.objects.filter(found), who).defer("output", "params", "result", "timeline")[:SHOWN]


def _destinations(who: Actor, term: str) -> list[NotifyChannel | WeComApp]:
    channels = visible_to(NotifyChannel.objects.filter(channel_name__icontains=term), who)
    apps = visible_to(WeComApp.objects.filter(app_name__icontains=term), who)
    return [*channels[:SHOWN], *apps[:SHOWN]]


def _found(row: Model, page: str, icon: str, description: Any) -> SearchResult:
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])
    return SearchResult(title=str(row), description=description, link=address, icon=icon)
