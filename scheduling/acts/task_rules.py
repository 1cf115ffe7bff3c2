"""What is wrong with a task, column by column: the API refuses it and the admin's form shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications.models import NotifyChannel, WeComApp
from sandbox.host.errors import SandboxError
from scheduling.acts.template_rules import JUDGED_WITH, TEMPLATES, template_problems
from scheduling.kinds.script import check
from scheduling.kinds.script.requirements import InvalidRequirementError, refused, requirements_of
from scheduling.models import ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.errors import ScheduleError, UnknownCalendarError
from scheduling.schedule.language import Language
from scheduling.schedule.validate import find_problems


@dataclass(frozen=True)
class TaskProblem:
    field: str
    message: str


class InvalidTaskError(Exception):
    def __init__(self, problems: list[TaskProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = problems


def require_valid(
    task: ScheduledTask,
    known_text_problems: Sequence[TaskProblem] | None = None,
    changed: Set[str] | None = None,
) -> None:
    """Raise InvalidTaskError for a task that breaks a rule.

    `known_text_problems`: what `text_problems` found before the caller's transaction, None to look now. `changed`: see
    `problems_of`.
    """
    if problems := problems_of(task, known_text_problems, changed):
        raise InvalidTaskError(problems)


def problems_of(
    task: ScheduledTask,
    known_text_problems: Sequence[TaskProblem] | None = None,
    changed: Set[str] | None = None,
) -> list[TaskProblem]:
    """Return all that is wrong with the task.

    `changed`: the columns that the caller changes, None for all. Where a later rule forbids the value of another
    column, these can still be changed, but the task can't be switched on.
    """
    if changed is not None and "is_enabled" in changed and task.is_enabled:
        changed = None
    of_texts = text_problems(task) if known_text_problems is None else known_text_problems
    problems = [problem for quick_check in QUICK_CHECKS for problem in quick_check(task)]
    return [
        *problems,
        *_columns(task, changed),
        *(problem for problem in of_texts if _is_asked_for(problem, changed)),
    ]


def _is_asked_for(problem: TaskProblem, changed: Set[str] | None) -> bool:
    return changed is None or problem.field not in TEMPLATES or bool(changed & {problem.field, *JUDGED_WITH})


def text_problems(task: ScheduledTask) -> list[TaskProblem]:
    """Return what is wrong with the texts that only the sandbox reads.

    That may take seconds: hold no lock on the database meanwhile.
    """
    return [*_script(task), *_templates(task)]


def judged_texts(task: ScheduledTask) -> tuple[object, ...]:
    """Return all that `text_problems` looks at, for comparison."""
    return tuple(
        getattr(task, column)
        for column in (*TEMPLATES, *sorted(JUDGED_WITH), "script_content", "script_deps", "tenant_id")
    )


def reader_language() -> Language:
    """Return the reader's language, English where nothing is translated, as in the platform's commands."""
    return "zh" if (get_language() or "en").startswith("zh") else "en"


def _schedule(task: ScheduledTask) -> Iterator[TaskProblem]:
    for error in schedule_problems(task):
        yield TaskProblem(error.field, error.text(reader_language()))


def schedule_problems(task: ScheduledTask) -> list[ScheduleError]:
    try:
        return list(find_problems(schedule_of(task)))
    except UnknownCalendarError as error:
        return [error]


# The schedule's own rules judge these, and the checks of related rows.
JUDGED_ELSEWHERE = frozenset(
    {
        "schedule_type",
        "calendar_policy",
        "time_points",
        "cron_expression",
        "interval_minutes",
        "spread_seconds",
    }
    | {"timezone", "tenant", "notify_wecom_app"}
)


def _columns(task: ScheduledTask, changed: Set[str] | None) -> Iterator[TaskProblem]:
    editable = {field.name for field in task._meta.concrete_fields if field.editable}
    others = {field.name for field in task._meta.concrete_fields} - (
        editable if changed is None else editable & changed
    )
    try:
        task.clean_fields(exclude=JUDGED_ELSEWHERE | others)
    except ValidationError as error:
        for column, messages in error.message_dict.items():
            yield TaskProblem(column, " ".join(messages))


def _completeness(task: ScheduledTask) -> Iterator[TaskProblem]:
    for column in task.missing_columns if task.is_enabled else ():
        if column not in JUDGED_ELSEWHERE:
            yield TaskProblem(column, _("This field is required to enable a task of this kind."))


def _script(task: ScheduledTask) -> Iterator[TaskProblem]:
    try:
        found = list(check.errors(task.script_content, task.script_deps, task.tenant_id))
    except SandboxError as error:
        yield TaskProblem("script_content", check.why_unchecked(error))
        return
    for problem in found:
        where = {"line": problem.line, "column": problem.column, "why": problem.message}
        text = _("Line %(line)d, column %(column)d: %(why)s") % where if problem.line else problem.message
        yield TaskProblem("script_content", text)
    yield from dependency_problems(task.script_deps, task.script_content, task.tenant_id)


def _templates(task: ScheduledTask) -> Iterator[TaskProblem]:
    for column, message in template_problems(task):
        yield TaskProblem(column, message)


def _channels(task: ScheduledTask) -> Iterator[TaskProblem]:
    """Report channels that the task may not use.

    A tenant's task uses its own tenant's channels, a global task any; the others don't exist for it.
    """
    rows = NotifyChannel.objects.filter(pk__in=task.notify_channels)
    if task.tenant_id is not None:
        rows = rows.filter(tenant_id=task.tenant_id)
    known = set(rows.values_list("pk", flat=True))
    for channel_id in task.notify_channels:
        if channel_id not in known:
            yield TaskProblem("notify_channels", _("Channel %(id)d does not exist.") % {"id": channel_id})


def dependency_problems(
    script_deps: str, script_content: str, tenant_id: str | None
) -> Iterator[TaskProblem]:
    try:
        requirements = requirements_of(script_deps, script_content, tenant_id)
    except InvalidRequirementError as error:
        yield TaskProblem(error.field, str(error))
        return
    except SandboxError as error:
        yield TaskProblem("script_content", check.why_unchecked(error))
        return
    for name in refused(requirements, settings.SCRIPT_DEPS_ALLOW, settings.SCRIPT_DEPS_DENY):
        yield TaskProblem("script_deps", _("The operator does not allow %(name)s.") % {"name": name})


def _wecom_app(task: ScheduledTask) -> Iterator[TaskProblem]:
    """Report a WeCom app that the task may not use, by the rule for channels."""
    if (app_id := task.notify_wecom_app_id) is None:
        return
    rows = WeComApp.objects.filter(pk=app_id)
    if task.tenant_id is not None:
        rows = rows.filter(tenant_id=task.tenant_id)
    if not rows.exists():
        yield TaskProblem("notify_wecom_app_id", _("WeCom app %(id)d does not exist.") % {"id": app_id})


QUICK_CHECKS: tuple[Callable[[ScheduledTask], Iterator[TaskProblem]], ...] = (
    _schedule,
    _completeness,
    _channels,
    _wecom_app,
)
