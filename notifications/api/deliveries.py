"""The API at /api/deliveries."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from common.rest.answers import answers
from common.rest.paging import PageOf, page_of
from common.rest.problems import ConflictError
from notifications import acts
from notifications.api.schemas import DeliveryFilters, DeliveryShown
from notifications.models import Delivery
from tenants.access import visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, visible_row
from tenants.models import Role

router = Router(tags=["Deliveries"])
EQUALS = {"log_id", "task_id", "channel_id", "wecom_app_id", "status"}


@router.get("", response=answers({200: PageOf[DeliveryShown]}, 422), summary="List deliveries")
def list_deliveries(request: HttpRequest, query: Query[DeliveryFilters]) -> Any:
    """`search` looks for a text in the title."""
    rows = visible_to(Delivery.objects.order_by(query.ordering), caller(request))
    rows = rows.filter(**query.model_dump(include=EQUALS, exclude_none=True))
    if query.before_id is not None:
        rows = rows.filter(pk__lt=query.before_id)
    if query.search:
        rows = rows.filter(title__icontains=query.search)
    return page_of(rows.defer("address", "message"), query)


@router.get("/{int:delivery_id}", response=answers({200: DeliveryShown}, 404), summary="Read a delivery")
def get_delivery(request: HttpRequest, delivery_id: int) -> Any:
    return visible_row(Delivery.objects.all(), caller(request), pk=delivery_id)


@router.post(
    "/{int:delivery_id}/resend", response=answers({202: DeliveryShown}, 403, 404, 409), summary="Send again"
)
def resend_delivery(request: HttpRequest, delivery_id: int) -> Any:
    """The message is sent again from its beginning, as a new one."""
    actor = caller(request)
    delivery = allowed_row(Delivery.objects.all(), actor, Role.OPERATOR, pk=delivery_id)
    if not acts.resend(delivery, actor, timezone.now()):
        raise ConflictError(_("The message is still being sent."), code="on_its_way")
    delivery.refresh_from_db()
    return Status(202, delivery)


@router.post(
    "/{int:delivery_id}/cancel", response=answers({202: DeliveryShown}, 403, 404, 409), summary="Cancel"
)
def cancel_delivery(request: HttpRequest, delivery_id: int) -> Any:
    """Only a message that is waiting to be sent can be cancelled."""
    actor = caller(request)
    delivery = allowed_row(Delivery.objects.all(), actor, Role.OPERATOR, pk=delivery_id)
    if not acts.cancel(delivery, actor):
        raise ConflictError(_("The message is no longer waiting to be sent."), code="not_waiting")
    delivery.refresh_from_db()
    return Status(202, delivery)
