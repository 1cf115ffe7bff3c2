from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from tests.hostile.forms import fields_of
from tests.hostile.requests import FORM, JSON, Asked, some
from tests.hostile.routes import Route, path_of, routes
from tests.hostile.sending import Sender
from tests.hostile.values import FORM_BODIES, TEXTS

ASKS_OTHERS = ("_test", "_test_connection")  # would call a robot or a Dify
IN_EVERY_LIST = {
    "action": "delete_selected",
    "_selected_action": "1",
    "index": "0",
    "select_across": "1",
    "post": "yes",
}
# What pages send that have no form of their own, or send from another page's.
SENT = {
    "scheduling_calendar_set_day": {"day": "2026-10-01"},
    "scheduling_calendar_import_days": {"default": "work", "days": "2026-10-01"},
    "scheduling_calendar_confirm": {"undo": ""},
    "scheduling_scheduledtask_restore": {"version": "1"},
    "scheduling_scheduledtask_defaultstart": {"start_time": "2026-01-01T00:00"},
    "scheduling_scheduledtask_defaultconfig": {"interval_minutes": "5", "dify_url": "http://127.0.0.1:1/v1"},
    "scheduling_scheduledtask_backfill": {"start": ""},
    "scheduling_scheduledtask_cursor": {"move": "", "seen": "", "start": "2026-01-01T00:00:00"},
    "set_language": {"language": "en", "next": "/admin/"},
}
CONTENT_TYPES = (
    FORM, JSON, "", "\xff", "text/plain; charset=nonsense", f"{FORM}; charset=nonsense", f"{FORM}; charset=utf-16",
    "multipart/form-data", "multipart/form-data; boundary=x", f"multipart/form-data; boundary={'x' * 400}",
)  # fmt: skip


def form_of(route: Route, sending: Sender) -> tuple[dict[str, str], set[str]]:
    page = sending.page(
        "/admin/scheduling/scheduledtask/add/" if route.name.endswith("_preview") else path_of(route)
    )
    found, unticked = fields_of(page)
    in_list = IN_EVERY_LIST if route.name.endswith("_changelist") else {}
    return found | in_list | SENT.get(route.name, {}), unticked


def requests(sending: Sender) -> Iterator[Asked]:
    for route in routes():
        if not route.template.startswith(("/admin/", "/i18n/")) or route.name.endswith(ASKS_OTHERS):
            continue
        path, (whole, unticked) = path_of(route), form_of(route, sending)
        for content_type in CONTENT_TYPES:
            for body in (*FORM_BODIES, urlencode(whole).encode()):
                yield Asked("POST", path, "", body, content_type)
        for name in (*whole, *unticked):
            rest = {one: value for one, value in whole.items() if one != name}
            yield Asked("POST", path, "", urlencode(rest).encode())
            for text in TEXTS:
                yield Asked("POST", path, "", urlencode(rest | {name: text}).encode())


def test_no_form_gives_a_500_and_what_is_refused_changes_nothing(sending: Sender) -> None:
    for who, asked in some(requests(sending), 89):
        sending.send(who, asked)
