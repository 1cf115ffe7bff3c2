"""What is wrong with a task's templates, and what probably is. A column of another kind is judged by its syntax alone.

A body is refused only where every run would find it broken: its text is the same for each of them. Where it has names,
the values of one trial prove nothing of the next run, so its author is only warned.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from scheduling import templates
from scheduling.execution import occasion_of
from scheduling.kinds import KINDS
from scheduling.kinds.template_names import names_of
from scheduling.kinds.webhook.body import json_problem
from scheduling.kinds.webhook.kind import WEBHOOK
from scheduling.models import Run, ScheduledTask

TEMPLATES = tuple(column for kind in KINDS.values() for column in kind.templates)
# What else decides about a template.
JUDGED_WITH = frozenset({"execution_type", "webhook_headers"})
BODY = "webhook_body_template"
HEADERS = WEBHOOK.rules["webhook_headers"]
TRACE_ID = "0" * 32


def template_problems(task: ScheduledTask) -> Iterator[tuple[str, str]]:
    """Return the columns whose templates the task may not have, and why not."""
    sources = [getattr(task, column) for column in TEMPLATES]
    own = KINDS[task.execution_type].templates if task.execution_type in KINDS else {}
    for column, found in zip(TEMPLATES, templates.check_templates(sources, task.tenant_id), strict=True):
        if found.wrong:
            yield column, _("The template is invalid: %(why)s") % {"why": found.wrong}
        elif column in own and (unknown := found.needs - own[column]):
            yield column, _unknown_names(unknown, own[column])
        elif column == BODY and not found.uses and (problem := _fixed_body_problem(task)):
            yield column, problem


def _unknown_names(unknown: frozenset[str], known: frozenset[str]) -> str:
    text = _("The template uses names that do not exist: %(unknown)s. It can use: %(known)s.")
    names = {"unknown": ", ".join(sorted(unknown))[: templates.MAX_SHOWN], "known": ", ".join(sorted(known))}
    return text % names


def problem_in_a_trial(task: ScheduledTask, now: datetime) -> str:
    """Return why the body can't be sent with the task's own parameters by a run that is due now; "" if it can."""
    start, end = (now - timedelta(hours=1), now) if task.hands_out_windows else (None, None)
    run = Run(
        trace_id=TRACE_ID, due_at=now, window_start=start, window_end=end, params=dict(task.input_params)
    )
    names = names_of(occasion_of(run, task), task.window_time_format)
    try:
        return _json_problem(task, names)
    except templates.TemplateError as error:
        if error.error_code != "config_error":
            return ""
        return _("The template can't be rendered: %(why)s") % {"why": str(error)[: templates.MAX_SHOWN]}


def _fixed_body_problem(task: ScheduledTask) -> str:
    """Return why the text of a template without names can't be sent; "" if it can, or if rendering it fails."""
    with suppress(templates.TemplateError):
        return _json_problem(task, {})
    return ""


def _json_problem(task: ScheduledTask, names: dict[str, Any]) -> str:
    """Return why the body of a webhook task is not JSON with these names, "" if it is or needs not be.

    Raises TemplateError, also where the sandbox is busy: whoever saves a task waits for no turn there.
    """
    if task.execution_type != WEBHOOK.name or _has_wrong_headers(task):
        return ""
    body = templates.render(getattr(task, BODY), names, task.tenant_id, is_over=lambda: True)
    if not (why := json_problem(body, task.headers)):
        return ""
    text = _(
        "The body is not JSON, as its Content-Type says: %(why)s. Write values as {{ name|tojson }}, without quotes "
        "around them, or set another Content-Type among the headers."
    )
    return text % {"why": why}


def _has_wrong_headers(task: ScheduledTask) -> bool:
    return bool(task.webhook_headers and HEADERS.problem_with(task.webhook_headers))
