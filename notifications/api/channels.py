"""The API at /api/notification-channels, except DELETE.

Scheduling adds DELETE, because it knows the tasks that use a channel.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from common.masked_input import unmasked
from common.rest.answers import answers
from common.rest.paging import PageOf, page_of
from notifications.api.schemas import ChannelFields, ChannelFilters, ChannelNew, ChannelShown
from notifications.api.trials import Trial, TrialShown, send_test
from notifications.models import NotifyChannel
from tenants import rows
from tenants.access import Actor, visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, sole_tenant_of_new, visible_row, writable_tenant
from tenants.models import Role

router = Router(tags=["Channels"])


@router.get("", response=answers({200: PageOf[ChannelShown]}, 422), summary="List channels")
def list_channels(request: HttpRequest, query: Query[ChannelFilters]) -> Any:
    found = visible_to(NotifyChannel.objects.order_by(query.ordering, "-id"), caller(request))
    found = found.filter(
        **query.model_dump(include={"tenant_id", "channel_type", "is_enabled"}, exclude_none=True)
    )
    if query.search:
        found = found.filter(channel_name__icontains=query.search)
    return page_of(found, query)


@router.post("", response=answers({201: ChannelShown}, 403, 422), summary="Create a channel")
def create_channel(request: HttpRequest, body: ChannelNew) -> Any:
    actor = caller(request)
    channel = NotifyChannel(tenant_id=sole_tenant_of_new(body, actor))
    for name, value in _columns(channel, body, actor).items():
        setattr(channel, name, value)
    return Status(201, rows.create(channel, actor))


def _columns(channel: NotifyChannel, sent: ChannelFields, actor: Actor) -> dict[str, Any]:
    """Return the fields that were sent, as columns. Raises UnprocessableError, ForbiddenError for the tenant."""
    columns = sent.model_dump(include=sent.model_fields_set)
    if columns.get("tenant_id", channel.tenant_id) != channel.tenant_id:
        columns["tenant_id"] = writable_tenant(columns["tenant_id"], actor)
    for name in columns.keys() & {"webhook_url", "proxy_url"}:
        columns[name] = unmasked(name, columns[name] or "", getattr(channel, name))
    return {name: "" if value is None else value for name, value in columns.items()}


@router.get("/{int:channel_id}", response=answers({200: ChannelShown}, 404), summary="Read a channel")
def get_channel(request: HttpRequest, channel_id: int) -> Any:
    return visible_row(NotifyChannel.objects.all(), caller(request), pk=channel_id)


@router.put(
    "/{int:channel_id}", response=answers({200: ChannelShown}, 403, 404, 422), summary="Change a channel"
)
def update_channel(request: HttpRequest, channel_id: int, body: ChannelFields) -> Any:
    """Fields that are left out keep their values."""
    actor = caller(request)
    channel = allowed_row(NotifyChannel.objects.all(), actor, Role.ADMIN, pk=channel_id)
    return rows.change(channel, _columns(channel, body, actor), actor)


@router.post(
    "/{int:channel_id}/test", response=answers({200: TrialShown}, 403, 404, 409, 422), summary="Send a test"
)
def try_channel(request: HttpRequest, channel_id: int, body: Trial | None = None) -> Any:
    """The message is sent at once. The status is 200 even where the service refuses it: the body has its answer."""
    actor = caller(request)
    return send_test(
        allowed_row(NotifyChannel.objects.all(), actor, Role.OPERATOR, pk=channel_id), body, actor
    )
