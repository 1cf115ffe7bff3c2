"""Endpoints under /api/failures: failed runs by what made them fail."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from common.rest.answers import answers
from common.rest.fields import Fields, Id, Moment, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import invalid
from scheduling.acts import failures
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.api.run_schemas import Slug
from scheduling.models import FailureGroup
from tenants.access import visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, visible_row
from tenants.models import Role

router = Router(tags=["Failures"])


class FailureFilters(PageQuery):
    """`search` looks for a part of the latest error."""

    state: Literal["open", "resolved", "muted"] | None = None
    task_id: Id | None = None
    tenant_id: Annotated[str, StringConstraints(max_length=50)] | None = None
    error_code: Slug | None = None


class FailureShown(Schema):
    fingerprint: str = Field(description="The ID for /api/failures/{fingerprint}.")
    task_id: int
    tenant_id: str | None
    error_code: str
    place: str = Field(
        description="What the failures have in common: the last frame, the status, the sentence."
    )
    error: str = Field(description="The latest run's error, its first 2,000 characters.")
    run_count: int
    days: dict[str, int] = Field(description="The failed runs of each of the last 14 days that had some.")
    first_at: datetime
    last_at: datetime
    last_run_id: int = Field(description="The ID for /api/task-logs/{log_id}.")
    state: str = Field(description="The state: open, resolved or muted.")
    muted_until: datetime | None
    decided_by: str = Field(description="Who last changed the state; empty where nobody did.")
    decided_at: datetime | None
    reason: str

    @staticmethod
    def resolve_days(group: FailureGroup) -> dict[str, int]:
        return {day: int(count) for day, count in sorted(group.days.items())}


class Mute(Fields):
    until: Moment | None = None
    """Null: until somebody opens it again."""
    reason: Annotated[str, schema_of_column(FailureGroup, "reason")] = ""


class Rerun(Schema):
    log_ids: list[int] = Field(description="The IDs of the new runs, at most 100.")


@router.get("", response=answers({200: PageOf[FailureShown]}, 422), summary="List failures")
def list_failures(request: HttpRequest, query: Query[FailureFilters]) -> Any:
    """The latest comes first."""
    conditions = query.model_dump(exclude={"page", "page_size", "search"}, exclude_none=True)
    rows = visible_to(FailureGroup.objects.all(), caller(request)).filter(**conditions)
    if query.search:
        rows = rows.filter(Q(error__icontains=query.search) | Q(place__icontains=query.search))
    return page_of(rows, query)


@router.get("/{str:fingerprint}", response=answers({200: FailureShown}, 404), summary="Read a failure")
def get_failure(request: HttpRequest, fingerprint: str) -> Any:
    return visible_row(FailureGroup.objects.all(), caller(request), pk=fingerprint)


@router.post(
    "/{str:fingerprint}/resolve", response=answers({200: FailureShown}, 403, 404), summary="Resolve a failure"
)
def resolve_failure(request: HttpRequest, fingerprint: str) -> Any:
    """The next run that fails so opens it again, and alerts at once."""
    group = _group(request, fingerprint)
    failures.resolve(group, caller(request), timezone.now())
    return group


@router.post(
    "/{str:fingerprint}/mute", response=answers({200: FailureShown}, 403, 404, 422), summary="Mute a failure"
)
def mute_failure(request: HttpRequest, fingerprint: str, body: Mute) -> Any:
    """Runs that fail so alert nobody until then."""
    group = _group(request, fingerprint)
    try:
        failures.mute(group, body.until, body.reason, caller(request), timezone.now())
    except ValidationError as error:
        [(column, texts)] = error.message_dict.items()
        raise invalid("until" if column == "muted_until" else column, texts[0]) from error
    return group


@router.post(
    "/{str:fingerprint}/reopen",
    response=answers({200: FailureShown}, 403, 404),
    summary="Open a failure again",
)
def reopen_failure(request: HttpRequest, fingerprint: str) -> Any:
    group = _group(request, fingerprint)
    failures.reopen(group, caller(request), timezone.now())
    return group


@router.post(
    "/{str:fingerprint}/rerun",
    response=answers({202: Rerun}, 403, 404, 409),
    summary="Run a failure's runs again",
)
def rerun_failure(request: HttpRequest, fingerprint: str) -> Any:
    """Runs that were run again by an earlier call are left out. Where there are more than 100, call once more."""
    group = _group(request, fingerprint)
    with no_run_conflicts():
        started = failures.rerun_all(group, caller(request), timezone.now())
    return Status(202, {"log_ids": [run.pk for run in started]})


def _group(request: HttpRequest, fingerprint: str) -> FailureGroup:
    return allowed_row(FailureGroup.objects.all(), caller(request), Role.OPERATOR, pk=fingerprint)
