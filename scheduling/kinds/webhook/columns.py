"""The columns of a webhook task."""

from __future__ import annotations

import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField


class WebhookColumns(models.Model):
    # The address that is called, encrypted. "" for none.
    webhook_url = EncryptedTextField(_("webhook address"), blank=True, default="")
    # The HTTP method of the call.
    webhook_method = models.CharField(_("method"), max_length=10, default="POST")
    # A JSON object of header names and values, encrypted. "" for none beyond the platform's own.
    webhook_headers = EncryptedTextField(_("headers"), blank=True, default="", help_text=_("A JSON object."))
    # A template of the request's body; "": a JSON object of the run's own facts.
    webhook_body_template = models.TextField(_("body"), blank=True, default="")
    # What a 2xx answer must say beside its status, see success_condition.py. "": nothing.
    webhook_success_condition = models.CharField(
        _("success condition"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("What the answer's JSON must say for the run to succeed, for example errcode == 0"),
    )
    # The key of the HMAC signature, encrypted; "": the call is not signed.
    webhook_secret = EncryptedTextField(_("webhook secret"), blank=True, default="")

    class Meta:
        abstract = True

    @property
    def headers(self) -> dict[str, str]:
        headers: dict[str, str] = json.loads(self.webhook_headers or "{}")
        return headers
