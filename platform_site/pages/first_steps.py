"""The overview's list of first steps, shown until the first message has arrived."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.models import NotifyChannel, WeComApp
from scheduling.models import ScheduledTask
from tenants.access import Actor, visible_to


@dataclass(frozen=True)
class Step:
    text: str | Promise
    link: str
    is_done: bool


def first_steps(who: Actor) -> list[Step]:
    """Return the steps to the first message; none once a message to one of the caller's channels has arrived."""
    channels, apps = visible_to(NotifyChannel.objects.all(), who), visible_to(WeComApp.objects.all(), who)
    if any(rows.filter(last_ok_at__isnull=False).exists() for rows in (channels, apps)):
        return []
    has_task = visible_to(ScheduledTask.objects.all(), who).exists()
    return [
        Step(
            _("Add a channel: the group that messages go to."),
            reverse("admin:notifications_notifychannel_add"),
            channels.exists() or apps.exists(),
        ),
        Step(
            _("Create a task and choose the channel in it."),
            reverse("admin:scheduling_scheduledtask_add"),
            has_task,
        ),
        Step(
            _("Run the task and see its message arrive."),
            reverse("admin:scheduling_scheduledtask_changelist"),
            is_done=False,
        ),
    ]
