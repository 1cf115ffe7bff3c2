"""Endpoint DELETE /api/notification-channels/{id}, added to the endpoints of notifications."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status

from common.rest.answers import answers
from common.rest.problems import ConflictError
from notifications.api.channels import router
from notifications.models import NotifyChannel
from scheduling.acts import channels
from tenants.api.auth import caller
from tenants.api.scope import allowed_row
from tenants.models import Role
from tenants.rows import RowInUseError


@router.delete("/{int:channel_id}", response=answers({204: None}, 403, 404, 409), summary="Delete a channel")
def delete_channel(request: HttpRequest, channel_id: int) -> Any:
    """The status is 409, with the names of the tasks, while tasks send to the channel."""
    actor = caller(request)
    channel = allowed_row(NotifyChannel.objects.all(), actor, Role.ADMIN, pk=channel_id)
    try:
        channels.delete(channel, actor)
    except RowInUseError as error:
        names = _("These tasks use this channel: %(names)s") % {"names": ", ".join(error.names)}
        raise ConflictError(names, code="in_use") from error
    return Status(204, None)
