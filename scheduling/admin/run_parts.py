"""The parts of a run's page that change while something of the run is open, each as HTML.

The page shows them as they are when it opens; frontend/src/live/run.ts puts newer ones in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from notifications.admin import chat
from notifications.admin import wording as delivery_wording
from notifications.models import Delivery, DeliveryKind
from scheduling.admin.course import course
from scheduling.admin.request_text import rerun_request
from scheduling.admin.task_link import task_of, zone_of
from scheduling.admin.timeline import TimelinePicture, draw
from scheduling.admin.wording import error_text, status_label
from scheduling.lifecycle.retries import max_attempts
from scheduling.models import Run, RunStatus
from tenants.admin.labels import as_json, moment, span_text
from tenants.admin.post_actions import Link, Offer

PARTS = ("head", "acts", "trouble", "messages", "data", "timeline", "details")
MAX_DELIVERIES = 50
MAX_CHATS = 4
# As sandbox/guest/failures.py writes them: the innermost of the script's own lines comes last.
FRAME = re.compile(r'^[ |]*File "script\.py", line (\d+)', re.MULTILINE)
SYNTAX = re.compile(r"^line (\d+), column ")


def parts(
    request: HttpRequest,
    run: Run,
    deliveries: list[Delivery],
    offers: list[Offer],
    links: list[Link],
    now: datetime,
) -> dict[str, str]:
    shown = {
        "run": run,
        "offers": offers,
        "links": links,
        "curl": rerun_request(run) if task_of(run) else "",
    }
    shown |= _facts(run, now) | _sent(run, deliveries, now)
    shown |= {"given": as_json(run.params), "gave": as_json(run.result)}
    shown |= {"course": course(run, deliveries, now), "nodes": _nodes(run, now)}
    return {name: render_to_string(f"platform/run/{name}.html", shown, request) for name in PARTS}


def deliveries_of(run: Run) -> list[Delivery]:
    rows = Delivery.objects.filter(log_id=run.pk).select_related("channel", "wecom_app")
    return list(rows.order_by("id")[:MAX_DELIVERIES])


def failed_line(error: str) -> int | None:
    """Return the line of the script that an error names, None where it names none."""
    found = FRAME.findall(error) or SYNTAX.findall(error)
    return int(found[-1]) if found else None


def _facts(run: Run, now: datetime) -> dict[str, Any]:
    zone = zone_of(run)
    times = ((_("due"), run.due_at), (_("started"), run.first_started_at), (_("ended"), run.finished_at))
    return {
        "state": status_label(run.status),
        "clock": _clock(run, now),
        "tries": _tries(run),
        "retry": _retry(run, now),
        "is_deleted": task_of(run) is None,
        "times": [(name, moment(at, zone)) for name, at in times if at],
        "window": (moment(run.window_start, zone), moment(run.window_end, zone)) if run.window_end else None,
        "created": moment(run.created_at, zone),
        "reason": error_text(run.error_code),
        "line": failed_line(run.error),
    }


def _clock(run: Run, now: datetime) -> str:
    """Return how long the run has taken, or what it waits for and how long."""
    if run.status == RunStatus.RUNNING and run.first_started_at:
        return span_text((now - run.first_started_at).total_seconds())
    if run.status == RunStatus.QUEUED:
        seconds = (now - run.not_before).total_seconds()
        text = _("for %(time)s") if seconds >= 0 else _("in %(time)s")
        return text % {"time": span_text(abs(seconds))}
    return "" if run.duration_ms is None else span_text(run.duration_ms / 1000)


def _tries(run: Run) -> str:
    task = task_of(run)
    return f"{run.attempt} / {max_attempts(run, task)}" if task else str(run.attempt)


def _retry(run: Run, now: datetime) -> str:
    """Return which attempt comes when; "" unless the run waits for another one."""
    task = task_of(run)
    if run.status != RunStatus.QUEUED or not run.attempt or task is None:
        return ""
    seconds = (run.not_before - now).total_seconds()
    numbers = {"next": run.attempt + 1, "most": max(max_attempts(run, task), run.attempt + 1)}
    if seconds <= 0:
        return _("Attempt %(next)d of %(most)d is about to begin.") % numbers
    return _("Attempt %(next)d of %(most)d begins in %(time)s.") % {**numbers, "time": span_text(seconds)}


def _sent(run: Run, deliveries: list[Delivery], now: datetime) -> dict[str, Any]:
    rows = [
        (
            row,
            delivery_wording.status_label(row),
            moment(row.sent_at, zone_of(run)),
            delivery_wording.outcome_text(row, now),
        )
        for row in deliveries
    ]
    return {"deliveries": rows, "chats": list(_chats(deliveries))}


def _chats(deliveries: Iterable[Delivery]) -> Iterable[tuple[str, str]]:
    """Yield the run's own messages as the chats show them: once where several channels of a type get the same."""
    seen: dict[str, str] = {}
    for row in deliveries:
        if row.kind in (DeliveryKind.RESULT, DeliveryKind.DIRECT) and len(seen) < MAX_CHATS:
            html = chat.delivery_html(row)
            if html and html not in seen:
                seen[html] = str(row.destination or "")
    return [(name, html) for html, name in seen.items()]


def _nodes(run: Run, now: datetime) -> TimelinePicture | None:
    """Draw a Dify run's nodes, also while it goes on."""
    began = run.started_at if run.status == RunStatus.RUNNING else None
    return draw(run.timeline, (now - began).total_seconds() if began else None)
