"""POST …/{id}/test, for everything that a message can be sent to."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field, StringConstraints

from common.rest.fields import Fields
from common.rest.problems import ConflictError
from notifications import trial
from notifications.models import Destination
from tenants.access import Actor


class Trial(Fields):
    content: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    """Markdown."""


class TrialShown(Schema):
    ok: bool
    errcode: str
    errmsg: str = Field(description="The service's message, or why nothing was sent.")
    request: dict[str, Any] | None = Field(description="What was sent, with the address masked.")
    note: str = Field(description="What to do about a refusal.")


def send_test(destination: Destination, body: Trial | None, actor: Actor) -> trial.SendReport:
    """Send a test and report how it went. Raises ConflictError while another message is being sent to the robot."""
    content = (body and body.content) or trial.default_text()
    try:
        return trial.report_of(trial.send(destination, actor, content, timezone.now))
    except trial.DestinationBusyError as error:
        raise ConflictError(
            _("Another message is being sent to this robot: try again in a moment."), code="busy"
        ) from error
