"""Why no run of a task can begin, as the API says it: for whatever asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from common.rest.problems import ConflictError, FieldError
from scheduling.acts import runs
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError, ScheduledTask


@contextmanager
def no_run_conflicts(task: ScheduledTask) -> Iterator[None]:
    """Raises ConflictError where no run of the task can begin."""
    try:
        yield
    except IncompleteTaskError as error:
        said = _("A run needs this.")
        errors = [FieldError(column, said) for column in error.columns]
        text = _("The task lacks what a run needs: %(columns)s.") % {"columns": ", ".join(error.columns)}
        raise ConflictError(text, code="incomplete", errors=errors) from error
    except NoWindowError as error:
        raise ConflictError(runs.no_window_words(error, task), code="no_window") from error
