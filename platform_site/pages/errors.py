"""The response to a request that has ended with an exception."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views import defaults

from common.database_errors import is_database_away
from common.rest.middleware import PREFIX
from common.rest.problems import DatabaseUnavailableError, response_to


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer as Django's handler500, with 503 where the database is away.

    Django calls it while the exception is handled, for views, the API and middlewares alike.
    """
    if not is_database_away(sys.exc_info()[1]):
        return defaults.server_error(request)
    problem = DatabaseUnavailableError()
    if request.path.startswith(PREFIX):
        return response_to(problem)
    page = loader.get_template("503.html").render()
    return HttpResponse(page, status=problem.status, headers={"Retry-After": str(problem.retry_after)})
