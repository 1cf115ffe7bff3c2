"""The button *Test connection* of a Dify task: would a run begin?"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts.dify_connection import check_task
from scheduling.kinds.dify.client.connection import Connection
from scheduling.kinds.dify.kind import DIFY
from scheduling.models import ScheduledTask
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.post_actions import Act


def calls_dify(task: ScheduledTask) -> bool:
    return task.execution_type == DIFY.name


TEST_CONNECTION = Act("test_connection", _("Test connection"), "cable", offered=calls_dify, folded=True)


class TestConnection(ScopedAdmin):
    def act_test_connection(self, request: HttpRequest, row: ScheduledTask) -> None:
        """Test whether a run would begin. Nothing is started in Dify."""
        found = check_task(row, actor(request), timezone.now())
        level = messages.SUCCESS if found.ok else messages.ERROR
        self.message_user(request, result_text(found), level)


def result_text(found: Connection) -> str:
    sentences = []
    if found.ok:
        about = {"app": found.app_name, "mode": found.mode, "version": found.server_version or "?"}
        sentences.append(
            gettext("The connection works and the task can run: app “%(app)s”, %(mode)s, Dify %(version)s.")
            % about
        )
    if found.missing_inputs:
        names = ", ".join(found.missing_inputs)
        sentences.append(
            gettext("The app requires these parameters, which the task does not set: %(names)s.")
            % {"names": names}
        )
    if found.undeclared_inputs:
        names = ", ".join(found.undeclared_inputs)
        sentences.append(
            gettext("Dify drops these parameters, because the app does not declare them: %(names)s.")
            % {"names": names}
        )
    if found.detail and found.app_name and not (found.ok or found.missing_inputs):
        about = {"app": found.app_name, "version": found.server_version or "?", "detail": found.detail}
        return gettext("App “%(app)s”, Dify %(version)s: %(detail)s") % about
    return " ".join(sentences) or found.detail
