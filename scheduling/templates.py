"""Users' templates (webhook body, Dify question and user, message): Jinja, rendered in the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sandbox.host.checked_template import CheckedTemplate
from sandbox.host.errors import JobDiedError, SandboxError
from sandbox.host.jobs import MAX_SOURCE, WrongTemplateError
from sandbox.host.turns import never
from sandbox.protocol import ProtocolError
from scheduling.jail import jobs, why_undone

_MARKS = ("{{", "{%", "{#")
MAX_SHOWN = 500  # characters of an error, for the template's author
_LINE_BREAK = re.compile(r"\r\n?")


class TemplateError(ValueError):
    """A template can't be rendered; the text says where and why.

    `error_code` is that of a run which can't go on without the template.
    """

    def __init__(self, message: str, error_code: str = "config_error") -> None:
        super().__init__(message)
        self.error_code = error_code


def render(
    source: str, values: Mapping[str, Any], tenant_id: str | None, is_over: Callable[[], bool] = never
) -> str:
    """Return the text. Raises TemplateError, also for a name that is not among `values`, which are JSON.

    `tenant_id`: a rendering that takes long holds up only others of this tenant. They wait for their turn until
    `is_over` returns that no time is left.
    """
    _refuse_length(source)
    if _is_plain(source):
        return _LINE_BREAK.sub("\n", source)  # as Jinja does
    try:
        return jobs().render(source, values, tenant_id or "", is_over)
    except WrongTemplateError as error:
        raise TemplateError(str(error)) from None
    except SandboxError as error:
        raise TemplateError(str(error), error.error_code) from error
    except (TypeError, ValueError, RecursionError, ProtocolError) as error:
        raise TemplateError(f"Its values can't be handed over: {error}") from None


def check_templates(sources: Sequence[str], tenant_id: str | None) -> list[CheckedTemplate]:
    """Return for each template what is wrong with it, and the names it takes. No template makes it raise."""
    checked = [CheckedTemplate(_length_problem(source)) for source in sources]
    to_check = [n for n, source in enumerate(sources) if not checked[n].wrong and not _is_plain(source)]
    if to_check:
        in_jail = _checked_in_jail([sources[n] for n in to_check], tenant_id or "")
        for n, found in zip(to_check, in_jail, strict=True):
            checked[n] = found
    return checked


def _checked_in_jail(sources: list[str], lane: str) -> list[CheckedTemplate]:
    try:
        return [
            replace(found, wrong=found.wrong[:MAX_SHOWN]) for found in jobs().check_templates(sources, lane)
        ]
    except JobDiedError as error:
        if len(sources) == 1:
            return [CheckedTemplate(why_undone(error))]
        return [found for source in sources for found in _checked_in_jail([source], lane)]
    except SandboxError as error:
        return [CheckedTemplate(str(error))] * len(sources)


def _is_plain(source: str) -> bool:
    """Return whether the text has no Jinja in it: most users and questions have none, and cost no process."""
    return not any(mark in source for mark in _MARKS)


def _refuse_length(source: str) -> None:
    if problem := _length_problem(source):
        raise TemplateError(problem)


def _length_problem(source: str) -> str:
    return "The template is longer than 256 KiB." if len(source) > MAX_SOURCE else ""
