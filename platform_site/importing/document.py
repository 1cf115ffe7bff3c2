"""Tasks as YAML: every column that differs from its default, channels by name, secrets by reference.

The calendars that the tasks fire by come first.

format: 1
calendars:
  - tenant_id: acme
    code: shop
    days:
      - {date: 2026-10-08, is_workday: false, name: Company outing}
tasks:
  - tenant_id: acme
    task_name: Daily report
    time_points: ["08:00"]
    webhook_url: {secret: acme/Daily report/webhook_url}
    notify_channels: [acme/Operations]
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from notifications.models import NotifyChannel, WeComApp
from platform_site.importing.keys import rows_by_key
from scheduling.api.task_schemas import TaskFields
from scheduling.api.task_writing import empty, windows_by_default
from scheduling.models import SECRET_COLUMNS, Calendar, CalendarDay, ScheduledTask
from scheduling.models.calendar import MONDAY_TO_FRIDAY, BasedOn
from scheduling.planning.calendars import CN_WORKDAY

FORMAT = 1
TEXT_TAG = "tag:yaml.org,2002:str"
BY_NAME = ("notify_channels", "notify_wecom_app_id")
DEFAULTS: dict[str, Any] = {
    name: empty(name) if field.default is None else field.default
    for name, field in TaskFields.model_fields.items()
    if name not in SECRET_COLUMNS and name not in BY_NAME and name != "use_windows"
}
CALENDAR_DEFAULTS: dict[str, Any] = {
    "name": "",
    "based_on": BasedOn.CN_WORKDAY,
    "weekdays": list(MONDAY_TO_FRIDAY),
    "confirmed_years": [],
}


@dataclass(frozen=True)
class Document:
    """A document's entries, not judged yet."""

    tasks: Sequence[Mapping[str, Any]]
    calendars: Sequence[Mapping[str, Any]] = ()


class UnreadableDocumentError(Exception):
    """The text is no document of tasks; the message says where and why."""


class Dumper(yaml.SafeDumper):
    """Writes text of several lines as it stands, so that scripts stay readable."""


def _represent_text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    # YAML's other line breaks (NEL, LS, PS) come back as \n from everything but double quotes, which escape them.
    if not all(char == "\n" or char.isprintable() for char in text):
        return dumper.represent_scalar(TEXT_TAG, text, style='"')
    return dumper.represent_scalar(TEXT_TAG, text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _represent_text)


class Loader(yaml.SafeLoader):
    """Reads as YAML 1.2 does: 12:30, 2026-01-31 and yes are text. YAML 1.1 takes them for 750, a date and true."""

    yaml_implicit_resolvers = {}


# Each pattern matches only what the Dumper, which knows nothing but YAML 1.1, puts in quotes where it is text.
for tag, pattern, first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", list("-+0123456789")),
    ("float", r"^[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?$", list("-+0123456789")),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)


def as_yaml(tasks: Mapping[str, ScheduledTask]) -> str:
    """Write the tasks, given by their keys, as a YAML document."""
    channels = {row.pk: key for key, row in channel_keys().items()}
    apps = {row.pk: key for key, row in app_keys().items()}
    calendars = [_calendar_entry(row) for row in _calendars_of(tasks.values())]
    document = {"format": FORMAT, **({"calendars": calendars} if calendars else {})}
    document["tasks"] = [_entry(key, task, channels, apps) for key, task in tasks.items()]
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def _calendars_of(tasks: Collection[ScheduledTask]) -> Iterator[Calendar]:
    """Yield the calendars that the tasks fire by, with those that these are based on.

    Every installation has the official ones, so they are yielded only where days are edited or years confirmed.
    """
    codes = {CN_WORKDAY, *(task.calendar for task in tasks)}
    rows = Calendar.objects.filter(code__in=codes).prefetch_related("days")
    known = {calendar_key(row): row for row in rows}
    choices = {(f"{task.tenant_id or ''}/{task.calendar}", f"/{task.calendar}") for task in tasks}
    fired_by = {own if own in known else everybodys for own, everybodys in choices} & known.keys()
    if any(known[key].based_on != BasedOn.WEEK for key in fired_by):
        fired_by.add(f"/{CN_WORKDAY}")
    for row in (known[key] for key in sorted(fired_by)):
        if not row.is_official or row.days.all() or row.confirmed_years:
            yield row


def calendar_key(row: Calendar) -> str:
    return f"{row.tenant_id or ''}/{row.code}"


def _calendar_entry(row: Calendar) -> dict[str, Any]:
    entry: dict[str, Any] = {"tenant_id": row.tenant_id, "code": row.code}
    for column, default in CALENDAR_DEFAULTS.items():
        if (value := getattr(row, column)) != default:
            entry[column] = value
    if days := [_day_entry(day) for day in row.days.all()]:
        entry["days"] = days
    return entry


def _day_entry(day: CalendarDay) -> dict[str, Any]:
    entry = {"date": day.date.isoformat(), "is_workday": day.is_workday}
    return entry | ({"name": day.name} if day.name else {})


def channel_keys() -> dict[str, NotifyChannel]:
    return rows_by_key(NotifyChannel.objects.order_by("pk"))


def app_keys() -> dict[str, WeComApp]:
    return rows_by_key(WeComApp.objects.order_by("pk"))


def _entry(
    key: str, task: ScheduledTask, channels: Mapping[int, str], apps: Mapping[int, str]
) -> dict[str, Any]:
    entry: dict[str, Any] = {"tenant_id": task.tenant_id, "task_name": task.task_name}
    for column, default in DEFAULTS.items():
        if column not in entry and (value := as_yaml_value(getattr(task, column))) != default:
            entry[column] = value
    if task.use_windows != windows_by_default(task.execution_type, task.schedule_type):
        entry["use_windows"] = task.use_windows
    for column in sorted(SECRET_COLUMNS):
        if getattr(task, column):
            entry[column] = {"secret": f"{key}/{column}"}
    if task.notify_channels:
        entry["notify_channels"] = [channels[pk] for pk in task.notify_channels if pk in channels]
    if task.notify_wecom_app_id is not None:
        entry["notify_wecom_app"] = apps[task.notify_wecom_app_id]
    return entry


def as_yaml_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def read_document(text: str) -> Document:
    """Parse a YAML document. Raises UnreadableDocumentError."""
    try:
        found = yaml.load(text, Loader)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        raise UnreadableDocumentError(f"This is not valid YAML: {error}") from None
    except RecursionError:
        raise UnreadableDocumentError("The YAML is nested too deeply.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise UnreadableDocumentError(f"A document of tasks must begin with “format: {FORMAT}”.")
    return Document(_entries(found, "tasks"), _entries({"calendars": []} | found, "calendars"))


def _entries(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = document.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UnreadableDocumentError(f"“{name}” must be a list of {name}, each with its columns.")
    return entries
