"""Turns the reasons why no run can begin into the API's errors, for every endpoint that starts one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from common.rest.problems import ConflictError, FieldError
from scheduling.acts.runs import TaskDeletedError, no_window_text
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError


@contextmanager
def no_run_conflicts() -> Iterator[None]:
    """Raise ConflictError where no run can begin."""
    try:
        yield
    except IncompleteTaskError as error:
        text = _("This field is required before the task can run.")
        errors = [FieldError(column, text) for column in error.columns]
        text = _("Fill in these fields before the task can run: %(columns)s.") % {
            "columns": ", ".join(error.columns)
        }
        raise ConflictError(text, code="incomplete", errors=errors) from error
    except NoWindowError as error:
        raise ConflictError(no_window_text(error), code="no_window") from error
    except TaskDeletedError as error:
        raise ConflictError(str(error), code="task_deleted") from error
