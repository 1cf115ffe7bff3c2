"""Tasks as YAML, as `manage.py export_tasks` writes them: one to copy from its page, several as a file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from common.fields import fits_into
from platform_site.importing.document import as_yaml
from platform_site.importing.keys import rows_by_key
from scheduling.models import ScheduledTask
from tenants.models import Role


def task_yaml(request: HttpRequest, task_id: int) -> HttpResponse:
    """Answer with the document, which names secrets but does not hold them. Raises Http404, PermissionDenied."""
    task: ScheduledTask = _pages().row_for(request, str(task_id), Role.VIEWER)
    return HttpResponse(as_yaml(rows_by_key([task])), content_type="text/plain; charset=utf-8")


def tasks_yaml(request: HttpRequest) -> HttpResponse:
    """Answer with a file of those of the tasks `ids` that the user may see. Raises BadRequest."""
    ids = [one for one in request.GET.get("ids", "").split(",") if one]
    if not all(fits_into(ScheduledTask._meta.pk, one) for one in ids):
        raise BadRequest
    rows = _pages().get_queryset(request).filter(pk__in=ids).order_by("pk")
    headers = {"Content-Disposition": 'attachment; filename="tasks.yaml"'}
    return HttpResponse(as_yaml(rows_by_key(rows)), content_type="application/yaml", headers=headers)


def _pages() -> Any:
    """Return the admin pages of tasks. Django's type knows nothing of our base class."""
    return admin.site.get_model_admin(ScheduledTask)
