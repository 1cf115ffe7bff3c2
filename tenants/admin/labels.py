"""Small pieces of pages: colored labels as unfold draws them, JSON, times."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.contrib.admin import display
from django.db.models import DateTimeField
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext

MAX_SHOWN = 50_000  # characters of a value on a page; the API returns all of it
Colour = Literal["success", "danger", "warning", "info", "default"]


def label(text: Any, colour: Colour) -> SafeString:
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def as_json(value: Any) -> str:
    """Return a value as indented JSON, or a text as it is, in a block; "" for an empty value.

    It is cut where the page would be too long to be read.
    """
    if value in (None, {}, [], ""):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    if len(text) > MAX_SHOWN:
        text = f"{text[:MAX_SHOWN]}\n… {len(text):,} characters in all"
    return format_html('<pre class="code" tabindex="0">{}</pre>', text)


TO_THE_SECOND = "Y-m-d H:i:s"  # minutes alone can't tell two runs apart


def moment(at: datetime | None, zone: str = "") -> str:
    """Show a time in the reader's zone, and on hover in `zone`, such as a task's. Return "" for None."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), _local(at, zone), plain_moment(at)
    )


def moment_from_now(at: datetime | None, now: datetime, zone: str = "") -> str:
    """Show how far a time is from now, and on hover the time itself, in `zone`. Return "" for None."""
    if at is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), _local(at, zone), distance(at, now)
    )


def plain_moment(at: datetime) -> str:
    """Show a time in the reader's zone where there is no room for HTML, such as in an attribute."""
    return formats.date_format(timezone.localtime(at), TO_THE_SECOND)


def distance(at: datetime, now: datetime) -> str:
    """Return how far a time is from now, in the reader's words: “in 12 minutes”, “3 hours ago”."""
    if abs(at - now) < timedelta(minutes=1):
        return gettext("in less than a minute") if at > now else gettext("just now")
    if at > now:
        return gettext("in %(time)s") % {"time": timeuntil(at, now, depth=1)}
    return gettext("%(time)s ago") % {"time": timesince(at, now, depth=1)}


def span_text(seconds: float) -> str:
    """Return a span of time in words, to two units: "12 s", "3 min 20 s", "2 h 5 min", "4 d 1 h"."""
    whole = int(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if not minutes:
        return gettext("%(s)d s") % {"s": whole} if whole > 9 else gettext("%(s).1f s") % {"s": seconds}
    if not hours:
        return gettext("%(min)d min %(s)d s") % {"min": minutes, "s": whole % 60}
    if not days:
        return gettext("%(h)d h %(min)d min") % {"h": hours, "min": minutes % 60}
    return gettext("%(d)d d %(h)d h") % {"d": days, "h": hours % 24}


def moments(field: DateTimeField[Any, Any]) -> Callable[[Any], str]:
    """Make a list's column that shows a field's times."""

    @display(description=field.verbose_name, ordering=field.name)
    def shown(row: Any) -> str:
        return moment(getattr(row, field.name))

    return shown


def clock(at: datetime) -> str:
    """Return the time of day alone, in the reader's zone, for a line of a log."""
    return formats.date_format(timezone.localtime(at), "H:i:s")


def _local(at: datetime, zone: str) -> str:
    there = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    return f"{formats.date_format(there, TO_THE_SECOND)} {zone or timezone.get_current_timezone_name()}"
