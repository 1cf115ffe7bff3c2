"""Destinations and the outbox.

`log_id` and `task_id` are plain numbers instead of foreign keys: this package does not depend on scheduling.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Set
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.fields import DeepJSONField, EncryptedTextField
from common.framework.table_defaults import UtcNow, in_database
from common.ruled import Ruled
from common.rules import NAME, PROXY, OneOf, Range, Text, web_address_problem
from notifications import channel_types
from notifications.addresses import space_problem
from notifications.channel_types import CHANNEL_TYPES, WECOM_APP, TableStyle
from notifications.destination_keys import app_key, service_problem, webhook_key
from tenants.models import Tenant


class Destination(Ruled):
    """The columns that everything a delivery can go to has: channels and WeCom apps."""

    tenant = models.ForeignKey(
        Tenant,
        models.PROTECT,
        to_field="code",
        db_column="tenant_id",
        related_name="%(class)ss",
        verbose_name=_("tenant"),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    proxy_url = EncryptedTextField(_("proxy"), blank=True, default="")
    max_attempts = models.PositiveSmallIntegerField(_("maximum attempts"), default=4)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="", editable=False)
    last_error_at = models.DateTimeField(_("last error at"), null=True, blank=True, editable=False)
    last_ok_at = models.DateTimeField(_("last success at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {"proxy_url": PROXY, "max_attempts": Range(1, 20)}

    class Meta:
        abstract = True

    @property
    def kind(self) -> str:
        """A key of CHANNEL_TYPES."""
        raise NotImplementedError

    @property
    def destination_key(self) -> str:
        """A hash that is the same for all rows by which one tenant reaches one robot or application.

        Order and rate are kept per key; a delivery's column `robot` holds it.
        """
        raise NotImplementedError


@in_database(created_at=UtcNow(), updated_at=UtcNow())
class NotifyChannel(Destination):
    channel_name = models.CharField(_("name"), max_length=100)
    channel_type = models.CharField(_("type"), max_length=20, choices=channel_types.choices)
    webhook_url = EncryptedTextField(_("robot address"))
    sign_secret = EncryptedTextField(_("sign secret"), blank=True, default="")
    description = models.CharField(_("description"), max_length=255, blank=True, default="")
    table_style = models.CharField(_("tables"), max_length=4, choices=TableStyle.choices, default="list")

    rules = Destination.rules | {
        "channel_name": NAME,
        "webhook_url": Text(2000, 8, find_problem=space_problem, is_trimmed=True),
        "sign_secret": Text(500, is_trimmed=True),
        "description": Text(255),
        "table_style": OneOf(tuple(TableStyle.values)),
    }

    class Meta:
        db_table = "platform_task_notify_channels"
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("channel"), _("channels")

    def __str__(self) -> str:
        return self.channel_name

    def column_problems(self, columns: Set[str]) -> Iterator[tuple[str, str]]:
        """Yield the problems by column; which addresses are good depends on the channel's type."""
        wrong = dict(super().column_problems(columns))
        if columns & {"webhook_url", "channel_type"} and self.webhook_url and "webhook_url" not in wrong:
            known = CHANNEL_TYPES.get(self.channel_type)
            find_problem = known.address_problem if known else web_address_problem
            wrong["webhook_url"] = find_problem(self.webhook_url) or service_problem(
                self.webhook_url, self.channel_type
            )
        yield from ((name, text) for name, text in wrong.items() if text)

    @property
    def kind(self) -> str:
        return self.channel_type

    @property
    def destination_key(self) -> str:
        return webhook_key(self.tenant_id, self.webhook_url)


WECOM = "https://qyapi.weixin.qq.com"
PEOPLE = Text(
    20_000,
    pattern=r"^([A-Za-z0-9_.@-]{1,64}([|,][A-Za-z0-9_.@-]{1,64})*)?$",
    explanation=_("Write IDs of letters, digits and _.@-, separated by |."),
)


@in_database(created_at=UtcNow(), updated_at=UtcNow())
class WeComApp(Destination):
    """An application in a company's WeCom, which writes to people: those of this row, unless a result names others."""

    app_name = models.CharField(_("name"), max_length=100)
    corp_id = models.CharField(_("corp id"), max_length=64)
    agent_id = models.PositiveIntegerField(_("agent id"))
    corp_secret = EncryptedTextField(_("secret"))
    api_base = models.CharField(_("address of the API"), max_length=500, blank=True, default=WECOM)
    to_user = models.TextField(_("to people"), blank=True, default="", help_text=_("IDs, separated by |."))
    to_party = models.TextField(_("to departments"), blank=True, default="")
    to_tag = models.TextField(_("to tags"), blank=True, default="")

    rules = Destination.rules | {
        "app_name": NAME,
        "corp_id": Text(
            64,
            1,
            r"^[A-Za-z0-9_-]+$",
            _("Use only letters, digits, dashes and underscores."),
            is_trimmed=True,
        ),
        "agent_id": Range(0, 2**31 - 1),
        "corp_secret": Text(500, 1, is_trimmed=True),
        "api_base": Text(500, find_problem=web_address_problem, is_trimmed=True),
        "to_user": PEOPLE,
        "to_party": PEOPLE,
        "to_tag": PEOPLE,
    }

    class Meta:
        db_table = "platform_wecom_apps"
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("WeCom app"), _("WeCom apps")

    def __str__(self) -> str:
        return self.app_name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Replace an empty `api_base` by the public address, then validate all columns."""
        self.api_base = self.api_base or WECOM
        super().clean_fields(exclude)

    @property
    def kind(self) -> str:
        return WECOM_APP.name

    @property
    def destination_key(self) -> str:
        return app_key(self.tenant_id, self.corp_id, self.agent_id, self.api_base)


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", _("pending")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("outcome unknown")
    CANCELED = "canceled", _("canceled")


class DeliveryKind(models.TextChoices):
    RESULT = "result", _("result")
    ALERT = "alert", _("alert")
    RECOVERY = "recovery", _("recovery")
    MISSED = "missed", _("missed run")
    DIRECT = "direct", _("direct")
    TEST = "test", _("test")


class Delivery(models.Model):
    """One message for one destination: a row of the outbox, written in the transaction of its cause.

    Times are aware and in UTC. Who writes a column: `enqueue` (outbox.py) where nothing else is said; a trial
    (trial.py) writes its own row.
    """

    # Id of the run it belongs to; NULL for a test, and for an alert that concerns no run.
    log_id = models.BigIntegerField(_("run"), null=True, blank=True, db_index=True)
    # Id of the task it is about; NULL for a test, and for an alert that concerns no task.
    task_id = models.BigIntegerField(_("task"), null=True, blank=True)
    # Code of the destination's tenant; for a bare address the run's tenant, where NULL is a global task.
    tenant = models.ForeignKey(
        Tenant,
        models.DO_NOTHING,
        to_field="code",
        db_column="tenant_id",
        db_constraint=False,
        null=True,
        verbose_name=_("tenant"),
    )
    # The channel it goes to; NULL for a WeCom app or a bare address, and once the channel is deleted.
    channel = models.ForeignKey(
        NotifyChannel,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("channel"),
    )
    # The WeCom app it goes to; NULL for a channel or a bare address, and once the app is deleted.
    wecom_app = models.ForeignKey(
        WeComApp,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("WeCom app"),
    )
    # Trace id of the run it belongs to; "" without a run.
    trace_id = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="Of the run it tells of."
    )
    # A key of CHANNEL_TYPES.
    channel_type = models.CharField(_("type"), max_length=20)
    # URL, encrypted, of an alert's or a script's message to a bare address; "" where there is a destination.
    address = EncryptedTextField(
        blank=True, default="", help_text="Where there is no destination: an alert's URL."
    )
    # SHA-256 in hex of the tenant and its destination, see destination_keys.py. A resend takes the key of that time.
    robot = models.CharField(
        max_length=64, help_text="Hash of the robot's address: order and rate are per robot."
    )
    # Why it is sent: a DeliveryKind.
    kind = models.CharField(_("kind"), max_length=10, choices=DeliveryKind.choices)
    # Where it stands: a DeliveryStatus. Written by outbox.py, and by digest.end for what a digest carries.
    status = models.CharField(
        _("status"), max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    # Name of the task, or of what an alert is about: the title of a message that has none. "" for a test.
    title = models.CharField(_("title"), max_length=128, blank=True, default="")
    # What to send: a result or an alert, secrets and Dify's signatures masked. NULL if a script sent None.
    message = DeepJSONField(null=True, help_text="The result as the script gave it, secrets masked.")
    # The message with links signed by Dify, as encrypted JSON; "" if it has none, and once it has ended.
    sealed = EncryptedTextField(blank=True, default="", db_default="")
    # Type of the first payload in the service's words; "" before it is rendered, or if there are no types.
    msg_type = models.CharField(_("message type"), max_length=20, blank=True, default="")
    # A UUID in hex: with "-" and the part's number, a payload's key. A resend or new parts get another one.
    msg_uuid = models.CharField(
        max_length=64, help_text="The same on every try: the service's idempotency key."
    )
    # How many of its payloads the service has taken; the next try goes on after them. By sending._send_parts.
    parts_sent = models.PositiveSmallIntegerField(default=0)
    # Tries that count against `max_attempts`, by outcomes.py and the sweep; waits for a rate do not count.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Not to be claimed before this time, which outcomes.write_pending moves on. No meaning once it has ended.
    next_attempt_at = models.DateTimeField(_("next attempt"))
    # The value of `robot` while `status` is sending, else NULL; written by a claim and its end.
    busy_robot = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="= robot while sending; unique, so that one robot's messages leave one at a time, in order.",
    )
    # True once the service has refused it as too long: from then on it is rendered in smaller payloads.
    smaller = models.BooleanField(default=False, help_text="The service called it too long once.")
    # Id of the delivery that sends the digest (its own, for that one); NULL if in none. Written by digest.py.
    digest_id = models.BigIntegerField(
        null=True, blank=True, help_text="The earlier delivery whose digest carries this one."
    )
    # End of the claim while `status` is sending, else NULL; also the fence of the claim, see `claimed`.
    claimed_until = models.DateTimeField(null=True, blank=True)
    # When the service last took all its parts; NULL if it never did. In a digest, the digest's time.
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    # {"url": masked, "payloads": [...]}, of files the size only; NULL before rendering. By sending._record.
    request = models.JSONField(_("request"), null=True, blank=True)
    # Body of the service's latest answer, masked and cut to 2,000 characters; "" if there was none.
    response = models.TextField(_("response"), blank=True, default="")
    # Code in the service's latest answer, where "0" is success; "" if it gave none.
    errcode = models.CharField(max_length=32, blank=True, default="")
    # Text in the service's latest answer, or why there was none, masked; "" before the first try.
    errmsg = models.CharField(max_length=500, blank=True, default="")
    # [{"code", "values"}], see notes.py: what rendering left out, and what the latest answer calls for.
    notes = models.JSONField(_("notes"), default=list)
    # Why it has not been sent (yet); "" once it is sent, and where there is nothing to explain.
    error = models.TextField(_("error"), blank=True, default="")
    # When it was written to the outbox.
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        db_table = "platform_message_deliveries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="deliveries_due"),
            models.Index(fields=["robot", "status", "id"], name="deliveries_of_robot"),
            models.Index(fields=["task_id", "id"], name="deliveries_of_task"),
        ]
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def full_message(self) -> Any:
        """The message as it is to be sent, with links that Dify has signed."""
        return json.loads(self.sealed) if self.sealed else self.message

    @property
    def destination(self) -> Destination | None:
        """The channel or WeCom app; None for a bare address, and where the row has been deleted since."""
        return self.channel or self.wecom_app

    def claimed(self) -> models.QuerySet[Delivery]:
        """Return a query for this row that finds it only while this claim of it lasts.

        After that the sweep may have given the row to another worker: an update through this query changes nothing.
        """
        rows = Delivery.objects.filter(pk=self.pk, status=DeliveryStatus.SENDING)
        return rows.filter(claimed_until=self.claimed_until)


class AlertMark(models.Model):
    """When an alert last went out, so that the same one is suppressed for a while.

    It is a row because it must outlive a restart.
    """

    subject = models.CharField(max_length=100, help_text="What it is about: task:7, channel:3.")
    event = models.CharField(max_length=30)
    sent_at = models.DateTimeField()
    log_id = models.BigIntegerField(null=True, help_text="The run it named, where each is told once.")
    is_open = models.BooleanField(default=True, help_text="No recovery since.")

    class Meta:
        db_table = "platform_alert_marks"
        constraints = [models.UniqueConstraint(fields=["subject", "event"], name="one_mark_per_alert")]

    def __str__(self) -> str:
        return f"{self.subject} {self.event}"
