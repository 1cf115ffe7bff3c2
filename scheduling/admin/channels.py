"""The pages of channels, where a channel that tasks send to can't be deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext

from notifications.admin.channels import NotifyChannelAdmin
from notifications.models import NotifyChannel
from scheduling.acts import channels
from tenants.admin.access import actor


@admin.register(NotifyChannel)
class UsedChannelAdmin(NotifyChannelAdmin):
    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Add the tasks that send to the channels. They list them by number: Django sees no relation there."""
        deleted, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        users = [
            gettext("task “%(name)s”") % {"name": name} for row in objs for name in channels.tasks_using(row)
        ]
        return deleted, counts, forbidden, [*protected, *users]

    def delete_model(self, request: HttpRequest, obj: NotifyChannel) -> None:
        channels.delete(obj, actor(request))
