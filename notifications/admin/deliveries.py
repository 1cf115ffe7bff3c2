"""The admin's page of deliveries, each one message for one channel, with the service's answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers import int_or
from notifications import acts, outbox
from notifications.admin import chat
from notifications.admin.wording import outcome_text, status_label
from notifications.channel_types import CHANNEL_TYPES
from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from tenants.admin.access import actor
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import as_json, moment
from tenants.admin.pages import TenantFilter, among_the_latest, choice_filter, latest_filter
from tenants.admin.post_actions import Act

CHANNELS_FIRST = sorted(CHANNEL_TYPES.values(), key=lambda each: not each.is_channel)
TYPE_NAMES = {each.name: each.label for each in CHANNELS_FIRST if each.label}
OPEN_STATUSES = {DeliveryStatus.PENDING.value, DeliveryStatus.SENDING.value}


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    acts = (
        Act(
            "resend",
            _("Send again"),
            "forward_to_inbox",
            offered=lambda row: row.status not in OPEN_STATUSES,
            confirm=_("Send this message again? If it has already arrived, it will arrive twice."),
            in_list=True,
        ),
        Act(
            "cancel",
            _("Cancel"),
            "block",
            offered=lambda row: row.status == DeliveryStatus.PENDING,
            confirm=_("Cancel this message? It will not be sent."),
        ),
    )
    asked_by_links = ("task_id",)
    change_form_template = "platform/reloading.html"
    change_form_outer_after_template = "platform/delivery_after.html"
    teaches = _("A delivery is one message to one channel: what was sent, and how the service responded.")
    list_display = (
        "id",
        "state",
        "kind",
        "task",
        "goes_to",
        "type_name",
        "tenant",
        "attempts",
        "created",
        "sent",
        "reason",
    )
    list_before_template = "platform/refreshing.html"
    search_fields = ("log_id",)
    search_help_text = _("run's number, or words of the title or the reason")
    list_filter = (
        TenantFilter,
        choice_filter("status", _("status"), list(DeliveryStatus.choices)),
        latest_filter("kind", _("kind"), list(DeliveryKind.choices)),
        latest_filter("channel_type", _("channel type"), list(TYPE_NAMES.items())),
    )
    fields = (
        ("state", "outcome"),
        ("goes_to", "type_name"),
        ("kind", "run_link"),
        ("created", "sent"),
        ("attempts", "next_attempt"),
        ("answer", "error"),
        "note_list",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load columns that may be long only when they are shown, and prefetch instead of joining.

        Joins would be made before the page is cut off.
        """
        rows = super().get_queryset(request).prefetch_related("channel", "wecom_app", "tenant")
        return rows.defer("message", "request", "response", "notes")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Order by id, or in the order of the index that begins with the status where it finds few rows.

        Most deliveries are sent; only the other statuses have few.
        """
        status = request.GET.get("status")
        return ["-next_attempt_at", "-id"] if status and status != DeliveryStatus.SENT else ["-id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Filter by a run's number, which has an index, or by words of the latest rows."""
        term = search_term.strip()
        if (number := int_or(term.removeprefix("#"), 0)) > 0:
            return queryset.filter(log_id=number), False
        said = Q(title__icontains=term) | Q(error__icontains=term) | Q(errmsg__icontains=term)
        return (among_the_latest(queryset).filter(said) if term else queryset), False

    @admin.display(description=_("task"))
    def task(self, row: Delivery) -> str:
        if row.task_id is None:
            return row.title
        page = reverse("admin:scheduling_scheduledtask_change", args=[row.task_id])
        return format_html('<a class="link" href="{}">{}</a>', page, row.title or f"#{row.task_id}")

    @admin.display(description=_("reason"))
    def reason(self, row: Delivery) -> str:
        """Return why it has not been sent, as the service or the platform says it."""
        text = "" if row.status == DeliveryStatus.SENT else row.error or row.errmsg
        return format_html('<span class="wrap" title="{}">{}</span>', text, text) if text else ""

    @admin.display(description=_("status"))
    def state(self, row: Delivery) -> str:
        return status_label(row)

    @admin.display(description=_("created"))
    def created(self, row: Delivery) -> str:
        return moment(row.created_at)

    @admin.display(description=_("sent at"))
    def sent(self, row: Delivery) -> str:
        return moment(row.sent_at)

    @admin.display(description=_("next attempt"))
    def next_attempt(self, row: Delivery) -> str:
        return moment(row.next_attempt_at) if row.status in OPEN_STATUSES else ""

    @admin.display(description=_("channel type"))
    def type_name(self, row: Delivery) -> str:
        return str(TYPE_NAMES.get(row.channel_type, row.channel_type))

    @admin.display(description=_("channel"))
    def goes_to(self, row: Delivery) -> str:
        """Name the channel or WeCom app; "" for a bare address, which has neither."""
        return str(row.destination or "")

    @admin.display(description=_("response code"))
    def answer(self, row: Delivery) -> str:
        return f"{row.errcode} {row.errmsg}".strip()

    @admin.display(description=_("notes"))
    def note_list(self, row: Delivery) -> str:
        return chat.notes_text(row)

    @admin.display(description=_("outcome"))
    def outcome(self, row: Delivery) -> str:
        return outcome_text(row, timezone.now())

    @admin.display(description=_("run"))
    def run_link(self, row: Delivery) -> str:
        return (
            format_html('<a class="link" href="{}">#{}</a>', outbox.run_url(row.log_id), row.log_id)
            if row.log_id
            else ""
        )

    def page(self, request: HttpRequest, row: Delivery) -> dict[str, Any]:
        return {
            "under_way": row.status in OPEN_STATUSES,
            "chat": chat.delivery_html(row),
            "payload": as_json(row.request),
            "response": as_json(row.response),
        }

    def act_resend(self, request: HttpRequest, row: Delivery) -> None:
        if acts.resend(row, actor(request), timezone.now()):
            self.message_user(request, gettext("The message will be sent again."), messages.SUCCESS)

    def act_cancel(self, request: HttpRequest, row: Delivery) -> None:
        if acts.cancel(row, actor(request)):
            self.message_user(request, gettext("The message will not be sent."), messages.SUCCESS)
