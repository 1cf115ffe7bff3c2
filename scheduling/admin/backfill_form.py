"""The page of a backfill that has not begun: the range, what it would run, and the button that starts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from scheduling.acts import backfills
from scheduling.acts.backfills import PlannedRun
from scheduling.admin.wording import refusal_text
from scheduling.models import Backfill, IncompleteTaskError, OverlapPolicy, ScheduledTask
from scheduling.models.backfill import PARALLEL
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.models import Role

if TYPE_CHECKING:
    Form = forms.Form
else:
    from django.forms import Form

BROWSERS_FORMAT = "%Y-%m-%dT%H:%M"  # of <input type="datetime-local">


class MinutesInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=BROWSERS_FORMAT, attrs={"class": " ".join(INPUT_CLASSES)})


class BackfillForm(Form):
    """Times are in the task's zone: the caller switches to it."""

    from_at = forms.DateTimeField(label=_("from"), widget=MinutesInput)
    to_at = forms.DateTimeField(
        label=_("to"), widget=MinutesInput, help_text=_("The range ends just before this time.")
    )
    max_parallel = forms.IntegerField(
        label=_("runs at once"),
        min_value=PARALLEL.minimum,
        max_value=PARALLEL.maximum,
        initial=1,
        widget=forms.NumberInput(attrs={"class": " ".join(INPUT_CLASSES)}),
    )
    sends_messages = forms.BooleanField(
        label=Backfill._meta.get_field("sends_messages").verbose_name,
        help_text=Backfill._meta.get_field("sends_messages").help_text,
        required=False,
    )


class BackfillPages(ScopedAdmin):
    """The page on which a task's backfill begins."""

    def get_urls(self) -> list[Any]:
        return [self.page_url("backfill", self.backfill_view), *super().get_urls()]

    def backfill_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page. POST also shows what the range holds, and with `start` begins the backfill."""
        task = self.row_for(request, object_id, Role.OPERATOR)
        with timezone.override(ZoneInfo(task.timezone)):
            form = BackfillForm(request.POST or None, initial=_yesterday())
            planned: list[PlannedRun] | None = None
            if form.is_valid():
                try:
                    if "start" in request.POST:
                        return self._started(request, task, form.cleaned_data)
                    planned = backfills.plan(task, *_given_range(form.cleaned_data), timezone.now())
                except backfills.BackfillRefusedError as error:
                    form.add_error(error.field, str(error))
                except IncompleteTaskError as error:
                    form.add_error(None, refusal_text(error))
            page = self.show(
                request,
                "platform/backfill_form.html",
                _("Backfill"),
                task,
                form=form,
                planned=planned,
                one_at_a_time=task.overlap_policy != OverlapPolicy.ALLOW,
            )
            return page.render()  # rendered here, while the task's zone is set

    def _started(self, request: HttpRequest, task: ScheduledTask, given: Mapping[str, Any]) -> HttpResponse:
        row = backfills.start(
            task,
            *_given_range(given),
            given["max_parallel"],
            actor(request),
            timezone.now(),
            sends_messages=given["sends_messages"],
        )
        return HttpResponseRedirect(reverse("admin:scheduling_backfill_change", args=[row.pk]))


def _given_range(given: Mapping[str, Any]) -> tuple[Any, Any]:
    return given["from_at"], given["to_at"]


def _yesterday() -> dict[str, Any]:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return {"from_at": midnight - timedelta(days=1), "to_at": midnight}
