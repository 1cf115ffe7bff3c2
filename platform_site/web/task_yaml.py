"""A task as YAML, as `manage.py export_tasks` writes it, for the button that copies it."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from platform_site.importing.document import as_yaml
from platform_site.importing.keys import rows_by_key
from scheduling.models import ScheduledTask
from tenants.models import Role


def task_yaml(request: HttpRequest, task_id: int) -> HttpResponse:
    """Answer with the document, which names secrets but does not hold them. Raises Http404, PermissionDenied."""
    pages = admin.site.get_model_admin(ScheduledTask)
    task: ScheduledTask = pages.row_for(request, str(task_id), Role.VIEWER)
    return HttpResponse(as_yaml(rows_by_key([task])), content_type="text/plain; charset=utf-8")
