"""Endpoints under /api/scheduled-tasks: tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from common.rest.answers import answers
from common.rest.paging import PageOf, page_of
from common.rest.problems import ConflictError, FieldError, NotFoundError, UnprocessableError, invalid
from sandbox.reference import sdk_docs as declared
from scheduling.acts import runs, tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.api.run_refusals import no_run_conflicts
from scheduling.api.run_schemas import LogFilters, RunGiven, RunNow, RunRow, run_given
from scheduling.api.runs import page_of_runs
from scheduling.api.sdk_schemas import SdkDocs
from scheduling.api.task_schemas import TaskChange, TaskFilters, TaskNew, TaskSaved, TaskShown, Toggle
from scheduling.api.task_writing import fill, new_task
from scheduling.models import Run, ScheduledTask
from scheduling.planning import calendars
from tenants.access import Actor, visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, visible_row
from tenants.models import Role

router = Router(tags=["Tasks"])
EQUALS = ("tenant_id", "execution_type", "schedule_type", "is_enabled", "last_run_status")


@router.get("", response=answers({200: PageOf[TaskShown]}, 422), summary="List tasks")
def list_tasks(request: HttpRequest, query: Query[TaskFilters]) -> Any:
    rows = visible_to(ScheduledTask.objects.order_by(query.ordering, "-id"), caller(request))
    rows = rows.filter(**query.model_dump(include=set(EQUALS), exclude_none=True))
    if query.search:
        rows = rows.filter(Q(task_name__icontains=query.search) | Q(task_desc__icontains=query.search))
    page = page_of(rows, query)
    calendars.preload(page["items"])
    return page


@router.post("", response=answers({201: TaskSaved}, 403, 409, 422), summary="Create a task")
def create_task(request: HttpRequest, body: TaskNew) -> Any:
    actor = caller(request)
    with valid_task():
        try:
            return Status(201, tasks.create(new_task(body, actor), actor, timezone.now()))
        except tasks.TenantFullError as error:
            raise ConflictError(str(error), code="tenant_full") from error


@contextmanager
def valid_task() -> Iterator[None]:
    """Raise UnprocessableError with everything that is wrong with a task that is saved inside."""
    try:
        yield
    except InvalidTaskError as error:
        raise UnprocessableError(
            FieldError(problem.field, problem.message) for problem in error.problems
        ) from error


@router.get("/sdk-docs", response=answers({200: SdkDocs}), summary="List what scripts may call")
def sdk_docs(request: HttpRequest) -> Any:
    return declared()


@router.get("/{int:task_id}", response=answers({200: TaskShown}, 404), summary="Read a task")
def get_task(request: HttpRequest, task_id: int, response: HttpResponse) -> Any:
    """The `ETag` is the task's version, for `If-Match`."""
    task = visible_row(ScheduledTask.objects.all(), caller(request), pk=task_id)
    response["ETag"] = f'"{task.version}"'
    return task


@router.put("/{int:task_id}", response=answers({200: TaskSaved}, 403, 404, 409, 422), summary="Change a task")
def update_task(request: HttpRequest, task_id: int, body: TaskChange) -> Any:
    """Fields that are left out keep their values. `version`, or `If-Match`, guards against a lost update."""
    actor = caller(request)
    expected = body.version or expected_version(request)

    def change(task: ScheduledTask) -> None:
        fill(task, body, actor)

    return change_task(task_id, actor, Role.ADMIN, change, expected)


def expected_version(request: HttpRequest) -> int | None:
    """Return the version that the caller has seen, None where it does not say. Raises UnprocessableError."""
    tag = request.headers.get("If-Match", "*").strip()
    if tag == "*":
        return None
    number = tag.strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise invalid("If-Match", _("This is not a version number of a task."))
    return int(number)


def change_task(
    task_id: int,
    actor: Actor,
    role: Role,
    change: Callable[[ScheduledTask], None],
    expected_version: int | None = None,
    action: str = "update",
) -> ScheduledTask:
    """Change the task and return it.

    Raises NotFoundError, ForbiddenError, ConflictError where somebody else was faster, UnprocessableError, and what
    `change` raises.
    """
    allowed_row(ScheduledTask.objects.all(), actor, role, pk=task_id)
    try:
        with valid_task():
            return tasks.update(
                task_id, change, actor, timezone.now(), expected_version=expected_version, action=action
            )
    except tasks.StaleVersionError as error:
        text = _("Somebody else has changed the task: it is now at version %(version)d.")
        raise ConflictError(text % {"version": error.stored}, code="stale") from error
    except ScheduledTask.DoesNotExist as error:
        raise NotFoundError from error


@router.delete("/{int:task_id}", response=answers({204: None}, 403, 404), summary="Delete a task")
def delete_task(request: HttpRequest, task_id: int) -> Any:
    """The task's runs stay, with its name."""
    actor = caller(request)
    allowed_row(ScheduledTask.objects.all(), actor, Role.ADMIN, pk=task_id)
    tasks.delete(task_id, actor, timezone.now())
    return Status(204, None)


@router.post(
    "/{int:task_id}/toggle",
    response=answers({200: TaskShown}, 403, 404, 422),
    summary="Enable or disable a task",
)
def toggle_task(request: HttpRequest, task_id: int, body: Toggle | None = None) -> Any:
    """Without `is_enabled` an enabled task is disabled, and a disabled one is enabled."""

    def change(task: ScheduledTask) -> None:
        is_enabled = body.is_enabled if body else None
        task.is_enabled = not task.is_enabled if is_enabled is None else is_enabled

    return change_task(task_id, caller(request), Role.OPERATOR, change, action="toggle")


@router.post("/{int:task_id}/run", response=answers({202: RunGiven}, 403, 404, 409, 422), summary="Run now")
def run_task(request: HttpRequest, task_id: int, body: RunNow | None = None) -> Any:
    """A disabled task can be run, too. `params` are merged over the task's `input_params`, or replace them.

    Where a task has data windows and the request names none, the run gets the next window that has ended, and when the
    run succeeds the next window starts at its end. Where none has ended, the run gets what has passed of the next
    window, which still starts where it did. `detail` says which. The answer is 409 where the task lacks what a run
    needs, or nothing has passed yet.
    """
    actor, body = caller(request), body or RunNow()
    task = allowed_row(ScheduledTask.objects.all(), actor, Role.OPERATOR, pk=task_id)
    now = timezone.now()
    window = runs.window_between(body.window_start, body.window_end, now)
    with no_run_conflicts():
        run = runs.run_now(
            task, actor, now, params=body.params, replace_params=body.replace_params, window=window
        )
    return Status(202, run_given(run, task))


@router.get(
    "/{int:task_id}/logs", response=answers({200: PageOf[RunRow]}, 404, 422), summary="List a task's runs"
)
def list_task_runs(request: HttpRequest, task_id: int, query: Query[LogFilters]) -> Any:
    visible_row(ScheduledTask.objects.all(), caller(request), pk=task_id)
    return page_of_runs(Run.objects.all(), query, task_id)
