"""The buttons of a task's page that make, replace and revoke its hook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts import hooks
from scheduling.models import ScheduledTask, TaskHook
from tenants.admin.access import actor
from tenants.admin.post_actions import Act
from tenants.models import Role

if TYPE_CHECKING:
    from tenants.admin.base import ScopedAdmin as Base
else:
    Base = object


def has_hook(row: Any) -> bool:
    return TaskHook.objects.filter(task=row).exists()


def has_none(row: Any) -> bool:
    return not has_hook(row)


ACTS = (
    Act("hook", _("Create a hook"), "link", Role.ADMIN, has_none, folded=True),
    Act(
        "new_hook",
        _("Replace the hook"),
        "sync_lock",
        Role.ADMIN,
        has_hook,
        confirm=_("The old address will stop working. Continue?"),
        folded=True,
    ),
    Act(
        "revoke_hook",
        _("Revoke the hook"),
        "link_off",
        Role.ADMIN,
        has_hook,
        confirm=_("The address will stop working. Continue?"),
        folded=True,
    ),
)


class HookActs(Base):
    def act_hook(self, request: HttpRequest, row: ScheduledTask) -> HttpResponse:
        """Make a hook and show its address.

        There is no redirect: a message would carry the token in a cookie. (The admin's pages are never cached.)
        """
        url = hooks.hook_url(hooks.issue(row, actor(request)))
        return self.show(request, "platform/hook_made.html", gettext("Hook"), row, task=row, url=url)

    act_new_hook = act_hook

    def act_revoke_hook(self, request: HttpRequest, row: ScheduledTask) -> None:
        hooks.revoke(row, actor(request))
        self.message_user(request, gettext("The hook is revoked."), messages.SUCCESS)
