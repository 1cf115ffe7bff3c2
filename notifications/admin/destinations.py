"""What the pages of channels and WeCom apps share: their state, and "send test", which shows the service's answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications import trial
from notifications.admin import chat
from notifications.admin.wording import outcome_text, status_label
from notifications.models import Delivery, DeliveryStatus, Destination, WeComApp
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import label, moment
from tenants.admin.post_actions import Act

LATEST = 10


class DestinationAdmin(ScopedAdmin):
    acts = (Act("test", _("Send test"), "send", in_list=True),)
    list_select_related = ("tenant",)
    change_form_outer_after_template = "platform/destination_after.html"

    def page(self, request: HttpRequest, row: Destination) -> dict[str, Any]:
        column = "wecom_app" if isinstance(row, WeComApp) else "channel"
        now = timezone.now()
        latest = Delivery.objects.filter(**{column: row}).order_by("-id")
        return {
            "facts": self.facts(row),
            "sample": chat.sample_html(row),
            "deliveries": [
                (one, status_label(one), moment(one.created_at), outcome_text(one, now))
                for one in latest[:LATEST]
            ],
        }

    def facts(self, row: Destination) -> list[tuple[Any, Any]]:
        facts: list[tuple[Any, Any]] = [(_("state"), self.state(row))]
        if row.last_ok_at:
            facts.append((_("last success at"), moment(row.last_ok_at)))
        if row.last_error_at:
            facts += [(_("last error at"), moment(row.last_error_at)), (_("last error"), row.last_error)]
        return facts

    @admin.display(description=_("state"))
    def state(self, row: Destination) -> str:
        """Show the state, which is that of the latest delivery."""
        if row.last_error_at and (row.last_ok_at is None or row.last_error_at > row.last_ok_at):
            return label(_("last delivery failed"), "danger")
        return label(_("working"), "success") if row.last_ok_at else label(_("not used yet"), "default")

    def act_test(self, request: HttpRequest, row: Destination) -> HttpResponse | None:
        try:
            delivery = trial.send(row, actor(request), trial.default_text(), timezone.now)
        except trial.DestinationBusyError:
            text = gettext("Another message is being sent to this robot: try again in a moment.")
            self.message_user(request, text, messages.WARNING)
            return None
        if delivery.status == DeliveryStatus.SENT:
            self.message_user(request, gettext("The test message has arrived."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("The test message was not sent."), messages.ERROR)
        return HttpResponseRedirect(reverse("admin:notifications_delivery_change", args=[delivery.pk]))
