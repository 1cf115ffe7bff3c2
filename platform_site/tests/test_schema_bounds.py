"""What a request's schema says of a column is what the column's rule says: no bound stands anywhere else.

So OpenAPI shows the rules, and a rule that changes changes what OpenAPI shows.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from annotated_types import BaseMetadata
from django.db.models import CharField, Model
from django.utils.module_loading import import_string
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from common.rest.fields import Fields, schema_of_rule
from common.ruled import Ruled
from common.rules import Items, Range, Text
from notifications.api.schemas import ChannelFields
from notifications.api.wecom_apps import AppFields
from notifications.models import NotifyChannel, WeComApp
from platform_site.importing import calendar_plan  # noqa: F401  what a document may say is a schema, too
from platform_site.web.api import api
from scheduling.api.backfills import BackfillAsked
from scheduling.api.calendars import CalendarFields, DayFields
from scheduling.api.data_sources import SourceFields
from scheduling.api.default_task import DefaultConfigChange
from scheduling.api.failures import Mute
from scheduling.api.script_vars import VarChange
from scheduling.api.task_schemas import ScheduleFields
from scheduling.kinds import KINDS
from scheduling.models import (
    Backfill,
    Calendar,
    CalendarDay,
    DataSource,
    FailureGroup,
    ScheduledTask,
    ScriptVar,
)
from tenants.api.configs import ConfigFields
from tenants.api.secrets import SecretFields
from tenants.api.tenants import TenantFields
from tenants.api.tokens import TokenNew
from tenants.models import ApiToken, Secret, Tenant, TenantConfig

WRITES: dict[type[Fields], type[Ruled]] = {
    ChannelFields: NotifyChannel,
    AppFields: WeComApp,
    TenantFields: Tenant,
    ConfigFields: TenantConfig,
    SecretFields: Secret,
    TokenNew: ApiToken,
    BackfillAsked: Backfill,
    CalendarFields: Calendar,
    DayFields: CalendarDay,
    SourceFields: DataSource,
    VarChange: ScriptVar,
    Mute: FailureGroup,
    ScheduleFields: ScheduledTask,
    DefaultConfigChange: ScheduledTask,
    **{import_string(kind.fields): ScheduledTask for kind in KINDS.values() if kind.fields},
}
# Said by the schedule's own rules, which give it words.
OF_THE_SCHEDULE = {"time_points", "interval_minutes", "spread_seconds", "timezone"}
ELSEWHERE = {(ScheduledTask, name) for name in OF_THE_SCHEDULE} | {
    (ScheduledTask, "webhook_headers"),  # an object in the schema, its text in the column
    (ScheduledTask, "version"),
}
MODELS = sorted({*WRITES.values()}, key=lambda model: model.__name__)


def schemas() -> Iterable[tuple[type[Fields], type[Ruled]]]:
    return {schema: model for base, model in WRITES.items() for schema in (base, *of(base))}.items()


def of(base: type[Any]) -> Iterator[type[Any]]:
    for schema in base.__subclasses__():
        yield schema
        yield from of(schema)


def columns() -> Iterator[Any]:
    for schema, model in schemas():
        of_model = {one.name for one in model._meta.concrete_fields if not one.is_relation}
        for name, field in schema.model_fields.items():
            if name in of_model and (model, name) not in ELSEWHERE:
                yield pytest.param(model, name, field, id=f"{schema.__name__}.{name}")


@pytest.mark.parametrize(("model", "name", "field"), list(columns()))
def test_a_schemas_bounds_are_the_columns_rule(model: type[Ruled], name: str, field: FieldInfo) -> None:
    rule = model.rules.get(name)
    wanted = _bounds(schema_of_rule(rule)) if isinstance(rule, Range | Text | Items) else {}
    found = _all(field)
    assert {key: found.get(key) for key in wanted} == wanted
    if not wanted:
        assert not found


def _all(field: FieldInfo) -> dict[str, Any]:
    """Of a union its only part that is not None."""
    found = _of_metadata(field.metadata)
    parts = [part for part in getattr(field.annotation, "__args__", ()) if part is not type(None)]
    for part in parts[:1]:
        found |= _of_metadata(getattr(part, "__metadata__", ()))
    return found


def _of_metadata(metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in metadata:
        found |= _bounds(one)
    return found


def _bounds(one: Any) -> dict[str, Any]:
    if isinstance(one, FieldInfo):
        return _of_metadata(one.metadata)
    names = ("min_length", "max_length", "pattern", "ge", "le", "gt", "lt")
    if not isinstance(one, BaseMetadata | StringConstraints) and not hasattr(one, "pattern"):
        return {}
    return {name: value for name in names if (value := getattr(one, name, None)) is not None}


@pytest.mark.parametrize("model", MODELS)
def test_a_columns_rule_and_its_width_agree(model: type[Ruled]) -> None:
    """Else a text would pass the rule and not fit."""
    for name, rule in model.rules.items():
        column = model._meta.get_field(name)
        if isinstance(column, CharField) and isinstance(rule, Text):
            assert rule.max_length == column.max_length, name


@pytest.mark.parametrize("model", MODELS)
def test_every_text_that_somebody_writes_has_a_rule(model: type[Model]) -> None:
    assert issubclass(model, Ruled)
    free = {
        one.name
        for one in model._meta.concrete_fields
        if one.get_internal_type() in ("CharField", "TextField") and one.editable and not one.choices
    }
    # What the platform itself writes.
    ours = {"prefix", "created_by", "fingerprint", "error_code", "place", "error", "decided_by"}
    assert free - ours - OF_THE_SCHEDULE <= {*model.rules}


def test_no_schema_of_a_row_is_left_out() -> None:
    """A new schema is a row's, or is named here as one that writes none."""
    no_rows = {
        "CursorMove", "DaysAsked", "DestinationFields", "DifyTestAsked", "MemberNew", "MessagePreviewAsked", "RunNow",
        "ScriptToCheck", "Start", "TestAsked", "Toggle", "Trial", "UserChange", "UserNew", "YearConfirmed",
    }  # fmt: skip
    assert api.get_openapi_schema()
    known = {schema for schema, _ in schemas()}
    left = {one for one in of(Fields) if one not in known and ".tests." not in one.__module__}
    assert {one.__name__ for one in left} == no_rows


@pytest.mark.parametrize("schema", list(WRITES))
def test_no_bound_is_written_into_a_rows_schema(schema: type[Fields]) -> None:
    allowed = OF_THE_SCHEDULE | {"version", "webhook_headers", "username", "count"}
    for one in (schema, *of(schema)):
        if ".tests." in one.__module__ or one.__module__.startswith("platform_site.importing"):
            continue
        [body] = ast.parse(inspect.getsource(one)).body
        assert isinstance(body, ast.ClassDef)
        for line in body.body:
            if isinstance(line, ast.AnnAssign) and ast.unparse(line.target) not in allowed:
                words = {node.arg for node in ast.walk(line.annotation) if isinstance(node, ast.keyword)}
                assert not words & {"ge", "le", "gt", "lt", "pattern", "min_length", "max_length"}, (
                    ast.unparse(line)
                )
