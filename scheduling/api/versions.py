"""Endpoints under /api/scheduled-tasks/{id}/versions: what each change of a task changed, and back to a version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from common.line_diff import unified
from common.rest.answers import answers
from common.rest.fields import Digits, Filters, JsonObject
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import NotFoundError
from scheduling.acts.versions import restore
from scheduling.api.task_schemas import TaskShown
from scheduling.api.tasks import change_task, expected_version
from scheduling.models import ScheduledTask, TaskVersion
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import visible_row
from tenants.models import Role

router = Router(tags=["Task versions"])
PATH = "/{int:task_id}/versions"
ONE = PATH + "/{int:version}"


class VersionRow(Schema):
    version: int
    at: datetime
    by: str
    summary: str = Field(description="The changed columns.")


class VersionShown(VersionRow):
    fields: JsonObject = Field(description="The task at this version, without its secrets.")


class DiffQuery(Filters):
    against: Annotated[int, Field(ge=1, le=2**31 - 1), Digits] | None = None
    """The older version; left out, the one before."""


class ChangedField(Schema):
    name: str
    old: Any
    new: Any


class Diff(Schema):
    fields: list[ChangedField]
    script_diff: str = Field(description="The unified diff.")


@router.get(PATH, response=answers({200: PageOf[VersionRow]}, 404, 422), summary="List versions")
def list_versions(request: HttpRequest, task_id: int, query: Query[PageQuery]) -> Any:
    """The newest comes first. `search` looks in the summary."""
    _task(task_id, caller(request))
    rows = TaskVersion.objects.filter(task_id=task_id, summary__icontains=query.search).defer("fields")
    return page_of(rows, query)


@router.get(ONE, response=answers({200: VersionShown}, 404), summary="Read a version")
def get_version(request: HttpRequest, task_id: int, version: int) -> Any:
    _task(task_id, caller(request))
    return _version(task_id, version)


@router.get(ONE + "/diff", response=answers({200: Diff}, 404, 422), summary="Show what a version changed")
def diff_versions(request: HttpRequest, task_id: int, version: int, query: Query[DiffQuery]) -> Any:
    _task(task_id, caller(request))
    new = _version(task_id, version).fields
    against = query.against or version - 1
    old = _version(task_id, against).fields if against else {}
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return {
        "fields": [
            {"name": name, "old": old.get(name), "new": new.get(name)}
            for name in names
            if name != "script_content"
        ],
        "script_diff": _unified(
            old.get("script_content", ""), new.get("script_content", ""), against, version
        ),
    }


def _unified(old: str, new: str, old_version: int, new_version: int) -> str:
    names = f"version {old_version}", f"version {new_version}"
    return "\n".join(unified(old.splitlines(), new.splitlines(), *names))


@router.post(
    ONE + "/restore", response=answers({200: TaskShown}, 403, 404, 409, 422), summary="Restore a version"
)
def restore_version(request: HttpRequest, task_id: int, version: int) -> Any:
    """The version is restored as a new one. Secrets stay as they are, and so does whether the task is enabled.

    `If-Match` guards against a lost update.
    """

    def change(task: ScheduledTask) -> None:
        restore(task, _version(task_id, version))

    return change_task(
        task_id, caller(request), Role.ADMIN, change, expected_version(request), action="restore"
    )


def _task(task_id: int, actor: Actor) -> ScheduledTask:
    return visible_row(ScheduledTask.objects.only("pk"), actor, pk=task_id)


def _version(task_id: int, version: int) -> TaskVersion:
    row = TaskVersion.objects.filter(task_id=task_id, version=version).first()
    if row is None:
        raise NotFoundError
    return row
