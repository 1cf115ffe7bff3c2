"""Deletion of a channel, which is refused while tasks send to it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from notifications.models import NotifyChannel
from scheduling.models import ScheduledTask
from tenants import rows
from tenants.access import Actor


def delete(channel: NotifyChannel, actor: Actor) -> None:
    """Delete the channel. Raises rows.RowInUseError, which names the tasks."""
    with transaction.atomic():
        if names := tasks_using(channel):
            raise rows.RowInUseError(names)
        rows.delete(channel, actor)


def tasks_using(channel: NotifyChannel) -> list[str]:
    """Return the names of the tasks that send to the channel.

    They are filtered here, not in SQL: SQLite finds nothing inside JSON lists.
    """
    tasks = ScheduledTask.objects.filter(Q(tenant_id=channel.tenant_id) | Q(tenant=None)).order_by("pk")
    named = tasks.values_list("task_name", "notify_channels")
    return [name for name, channel_ids in named.iterator() if channel.pk in channel_ids]
