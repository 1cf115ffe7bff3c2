"""Pages for requests that Django refuses before a view sees them."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.defaults import bad_request


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return too_large(request) if isinstance(exception, RequestDataTooBig) else bad_request(request, exception)


def too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=413)
