"""What holds for each kind of task that there is."""

from __future__ import annotations

import pytest
from django.utils.module_loading import import_string

from scheduling.kinds import KINDS
from scheduling.kinds.base import Kind
from scheduling.models import ScheduledTask

EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@EACH
def test_its_name_fits_and_what_it_names_exists(kind: Kind) -> None:
    columns = {column.name: column for column in ScheduledTask._meta.concrete_fields}
    columns["execution_type"].clean(kind.name, None)
    assert {*kind.needs, *kind.rules, *kind.templates, *kind.editors} <= columns.keys()
    assert callable(import_string(kind.builder))
    assert {*kind.rules} <= import_string(kind.fields).model_fields.keys()
