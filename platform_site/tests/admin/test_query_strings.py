"""No number in a list's query string gives a 500."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model

from tests.world import World, listing

TOO_LONG = "9" * 23
MODELS = list(admin.site._registry)
EVERYWHERE = ("p", "o", "_facets", "_to_field", "nothing", "id__exact", "id__in")


def filters_of(model: type[Model]) -> list[str]:
    """The parameters of its filters, and of columns and relations that Django would take as such."""
    columns = [field.name for field in model._meta.concrete_fields if not field.is_relation][:4]
    relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
    asked = [
        f"{name}__{ending}"
        for name in relations
        for ending in ("id__exact", "exact", "isnull", "code__exact")
    ]
    for one in admin.site._registry[model].list_filter:
        name = one[0] if isinstance(one, tuple) else one
        asked.append(getattr(name, "parameter_name", None) or str(name))
    return [*EVERYWHERE, *asked, *(f"{name}__{ending}" for name in columns for ending in ("exact", "gte"))]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_no_query_string_of_a_list_gives_a_500(world: World, model: type[Model]) -> None:
    client = world.client("superuser")
    for name in filters_of(model):
        assert client.get(listing(model), {name: TOO_LONG}).status_code < 500, name
