"""The columns of a Dify task."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField


class DifyAppType(models.TextChoices):
    WORKFLOW = "workflow", _("workflow")
    CHAT = "chat", _("chat")
    COMPLETION = "completion", _("completion")


class DifyResponseMode(models.TextChoices):
    STREAMING = "streaming", _("streaming")
    BLOCKING = "blocking", _("blocking")


class DifyColumns(models.Model):
    # The base URL of Dify's API. "" for none.
    dify_url = models.CharField(_("Dify address"), max_length=500, blank=True, default="")
    # The app's API key, encrypted. "" for none.
    dify_api_key = EncryptedTextField(_("Dify API key"), blank=True, default="")
    # Which kind of Dify app the key belongs to.
    dify_app_type = models.CharField(
        _("app type"), max_length=10, choices=DifyAppType.choices, default=DifyAppType.WORKFLOW
    )
    # The id of the published workflow version to run; "": the latest.
    dify_workflow_id = models.CharField(_("workflow version id"), max_length=64, blank=True, default="")
    # A template of the question to a chat or completion app.
    dify_query = models.TextField(_("question"), blank=True, default="")
    # A template of the user that Dify finds the run by; "": task-<id>.
    dify_user = models.CharField(_("Dify user"), max_length=100, blank=True, default="")
    # Whether Dify streams events, or answers once at the end.
    dify_response_mode = models.CharField(
        _("response mode"),
        max_length=10,
        choices=DifyResponseMode.choices,
        default=DifyResponseMode.STREAMING,
    )
    # Whether an attempt may follow one whose outcome in Dify is unknown: the work may be done twice.
    retry_on_unknown = models.BooleanField(_("retry when the outcome is unknown"), default=False)

    class Meta:
        abstract = True
