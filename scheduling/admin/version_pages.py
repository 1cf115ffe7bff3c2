"""The page of a task's versions: who changed what and when, two of them side by side, and a way back to one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers import int_or
from scheduling.acts import tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.acts.versions import restore
from scheduling.admin.versions import changed_columns, differences
from scheduling.models import ScheduledTask, TaskVersion
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import moment
from tenants.admin.post_actions import Act
from tenants.models import Role

PER_PAGE = 30
RESTORE = Act(
    "restore",
    _("Restore"),
    "settings_backup_restore",
    role=Role.ADMIN,
    confirm=_(
        "Restore the task to this version? Its secrets, and whether it is enabled, stay as they are now."
    ),
    on_page=False,
)


class VersionPages(ScopedAdmin):
    def get_urls(self) -> list[Any]:
        return [self.page_url("versions", self.versions_view), *super().get_urls()]

    def versions_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the versions. `?new=5` shows what version 5 changed, `?old=2&new=5` everything since version 2."""
        task = self.row_for(request, object_id, Role.VIEWER)
        rows = TaskVersion.objects.filter(task=task).order_by("-version")
        page = Paginator(rows.defer("fields", "deps_lock"), PER_PAGE).get_page(request.GET.get("p"))
        new = _version(task, int_or(request.GET.get("new"), task.version))
        old = _version(task, int_or(request.GET.get("old"), new.version - 1)) if new else None
        return self.show(
            request,
            "platform/versions.html",
            _("Versions"),
            task,
            page=page,
            rows=[(row, moment(row.at, task.timezone), changed_columns(row)) for row in page],
            old=old,
            new=new,
            differences=differences(old, new) if old and new else [],
            hidden=changed_columns(new) if new else "",
            restore=self.url("restore", task) if self.may(request, Role.ADMIN, task) else "",
            confirm=RESTORE.confirm,
        )

    def act_restore(self, request: HttpRequest, row: ScheduledTask) -> None:
        version = _version(row, int_or(request.POST.get("version"), 0))
        if version is None:
            raise Http404

        def change(task: ScheduledTask) -> None:
            restore(task, version)

        try:
            task = tasks.update(row.pk, change, actor(request), timezone.now(), action="restore")
        except InvalidTaskError as error:
            text = gettext("Version %(version)d can't be restored: %(why)s")
            values = {"version": version.version, "why": error}
            self.message_user(request, text % values, messages.ERROR)
            return
        text = gettext("The task has been restored to version %(old)d; this is now version %(new)d.")
        self.message_user(request, text % {"old": version.version, "new": task.version}, messages.SUCCESS)


def _version(task: ScheduledTask, version: int) -> TaskVersion | None:
    return TaskVersion.objects.filter(task=task, version=version).first()
