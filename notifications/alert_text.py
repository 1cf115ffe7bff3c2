"""The text of an alert: a message for a robot, JSON for any other address."""

from typing import Any

from django.utils.translation import gettext, gettext_noop

from notifications.facts import RunFacts
from notifications.messages import Markdown

TITLES = {
    "task_failed": gettext_noop("Task failed: %(task)s"),
    "task_recovered": gettext_noop("Task recovered: %(task)s"),
    "task_missed": gettext_noop("Task missed its due time: %(task)s"),
    "task_too_long": gettext_noop("Task is running for too long: %(task)s"),
    "worker_lost": gettext_noop("Worker lost while running: %(task)s"),
    "channel_broken": gettext_noop("Channel refuses messages: %(task)s"),
    "calendar_missing": gettext_noop("Official days of the calendar are missing: %(task)s"),
}
STATUSES = {
    "failed": gettext_noop("failed"),
    "missed": gettext_noop("missed"),
    "running": gettext_noop("running"),
    "success": gettext_noop("success"),
}
COLOURS = {"task_recovered": "info"}  # the others are "warning"
ERROR_CHARACTERS = 1000
OUTPUT_LINES, OUTPUT_CHARACTERS = 15, 1500
TIME_FORMAT = "%Y-%m-%d %H:%M:%S %z"


def alert_json(event: str, facts: RunFacts) -> dict[str, Any]:
    """Return an alert as JSON. Keys and their order are part of the interface; times are ISO 8601 with an offset."""
    return {
        "event": event,
        "task_id": facts.task_id,
        "task_name": facts.task_name,
        "tenant_id": facts.tenant_id,
        "log_id": facts.log_id,
        "trace_id": facts.trace_id,
        "status": facts.status,
        "error": facts.error,
        "error_code": facts.error_code,
        "due_at": facts.due_at.isoformat() if facts.due_at else None,
        "attempt": facts.attempt,
        "url": facts.url,
    }


def alert_message(event: str, facts: RunFacts) -> Markdown:
    """Return an alert as a message in the current language. Raises KeyError for an event that has no title."""
    title = gettext(TITLES[event]) % {"task": one_line(facts.task_name)}
    blocks = [f"### {title}", _facts_list(event, facts), _error(facts), _output(facts), _link(facts)]
    return Markdown(title=title[:128], content="\n\n".join(filter(None, blocks)), url=facts.url)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _facts_list(event: str, facts: RunFacts) -> str:
    colour = COLOURS.get(event, "warning")
    rows = [
        (gettext("Status"), f'<font color="{colour}">{_status(facts)}</font>' if facts.status else ""),
        (gettext("Due"), facts.due_at.strftime(TIME_FORMAT) if facts.due_at else ""),
        (gettext("Attempt"), str(facts.attempt) if facts.attempt > 1 else ""),
        (gettext("Failures in a row"), str(facts.failures) if facts.failures > 1 else ""),
        (gettext("Running for"), _seconds(facts.duration_seconds)),
        (gettext("Expected at most"), _seconds(facts.expected_seconds)),
        (gettext("Code"), facts.error_code),
        (gettext("Trace"), facts.trace_id),
    ]
    row = gettext("%(name)s: %(value)s")
    return "\n".join(f"- {row % {'name': name, 'value': value}}" for name, value in rows if value)


def _status(facts: RunFacts) -> str:
    return gettext(STATUSES[facts.status]) if facts.status in STATUSES else facts.status


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else gettext("%(seconds)d s") % {"seconds": seconds}


def _error(facts: RunFacts) -> str:
    text = facts.error.strip()
    if len(text) > ERROR_CHARACTERS:
        text = text[:ERROR_CHARACTERS] + "…"
    return "\n".join(f"> {line}" for line in text.splitlines())


def _output(facts: RunFacts) -> str:
    """Return the last lines of the output, which show how the run ended, in a fence; "" where there are none.

    Ticks within are replaced, so that they cannot close the fence.
    """
    lines = facts.output[-OUTPUT_CHARACTERS:].strip().splitlines()[-OUTPUT_LINES:]
    if not lines:
        return ""
    return "\n".join(["```", *(line.replace("```", "'''") for line in lines), "```"])


def _link(facts: RunFacts) -> str:
    return f"[{gettext('Open the run')}]({facts.url})" if facts.url else ""
