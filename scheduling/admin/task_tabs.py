"""The tabs above the pages of a task. They are plain links: each page has an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from scheduling.models import ScheduledTask
from tenants.admin.base import ScopedAdmin
from tenants.admin.post_actions import Text


@dataclass(frozen=True)
class Tab:
    url: str
    label: Text
    is_current: bool


class TaskTabs(ScopedAdmin):
    def tabs(self, request: HttpRequest, task: ScheduledTask) -> list[Tab]:
        runs = f"{reverse('admin:scheduling_run_changelist')}?task__id__exact={task.pk}"
        messages = f"{reverse('admin:notifications_delivery_changelist')}?task_id={task.pk}"
        form = _("Edit") if self.has_change_permission(request, task) else _("Settings")
        places = [
            (self.url("overview", task), _("Overview")),
            (runs, _("Runs")),
            (self.url("change", task), form),
            (self.url("versions", task), _("Versions")),
            (messages, _("Messages")),
        ]
        return [Tab(url, label, request.path == url) for url, label in places]

    def show(
        self, request: HttpRequest, template: str, title: Any, row: Any = None, **more: Any
    ) -> TemplateResponse:
        """Show a page of our own, below the tabs where it is about a task."""
        tabs = self.tabs(request, row) if row is not None else []
        return super().show(request, template, title, row, tabs=tabs, **more)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        return HttpResponseRedirect(self.url("overview", obj))

    response_post_save_change = response_post_save_add
