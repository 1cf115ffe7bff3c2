from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import Model

from tests.hostile.bodies import operations
from tests.hostile.requests import Asked, some
from tests.hostile.routes import Route, model_of, path_of, routes
from tests.hostile.sending import Sender
from tests.hostile.values import QUERIES, TIMES, WORDS

OF_LISTS = ("q", "o", "p", "all", "e", "_facets", "_changelist_filters", "id__exact", "pk__in", "object_id")
OF_PAGES = (
    "_to_field",
    "_popup",
    "next",
    "term",
    "page",
    "tenant",
    "task",
    "after",
    "new",
    "old",
    "year",
    "nothing",
)
OF_SEARCHES = ("app_label", "model_name", "field_name", "term", "s", "search", "extended", "page")
ENDINGS = (
    "",
    "__exact",
    "__gte",
    "__in",
    "__range",
    "__isnull",
    "__regex",
    "__year",
    "__id__exact",
    "__code__exact",
)
WAITS = "wait"  # seconds that a call may take


def names(route: Route, of_calls: dict[str, set[str]]) -> Iterator[str]:
    """Return what is asked for there, and a little of what is not."""
    if route.template in of_calls:
        yield from of_calls[route.template]
        return
    yield from OF_PAGES
    model = model_of(route)
    if model and route.name.endswith("_changelist"):
        yield from (*OF_LISTS, *of_filters(model))
    elif not route.arguments:
        yield from OF_SEARCHES


def of_filters(model: type[Model]) -> Iterator[str]:
    """Return the parameters of its filters, and of columns that Django would take as such."""
    for one in admin.site._registry[model].list_filter:
        name = one[0] if isinstance(one, tuple) else one
        yield getattr(name, "parameter_name", None) or f"{name}__exact"
    for number, field in enumerate(model._meta.concrete_fields):
        yield field.name + ENDINGS[number % len(ENDINGS)]
        if field.is_relation:
            yield from (f"{field.name}__{key}__exact" for key in ("id", "code"))


def requests() -> Iterator[Asked]:
    of_calls: dict[str, set[str]] = {}
    for one in operations():
        of_calls.setdefault(one.template, set()).update({*one.queries, "nothing"} - {WAITS})
    for route in routes():
        path = path_of(route)
        for name in names(route, of_calls):
            for word in (*WORDS, *TIMES):
                yield Asked("GET", path, f"{name}={word}")
        for query in QUERIES:
            yield Asked("GET", path, query)


def test_no_query_string_gives_a_500(sending: Sender) -> None:
    for who, asked in some(requests(), 201):
        sending.send(who, asked)
