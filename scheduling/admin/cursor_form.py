"""“Next window starts at …”: the page that says what a move of the window cursor means, and does it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES

from scheduling.acts import window_cursor
from scheduling.acts.window_cursor import Move
from scheduling.models import ScheduledTask
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.models import Role

if TYPE_CHECKING:
    Form = forms.Form
else:
    from django.forms import Form

BROWSERS_FORMAT = "%Y-%m-%dT%H:%M:%S"  # of <input type="datetime-local" step="1">


class SecondsInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=BROWSERS_FORMAT, attrs={"class": " ".join(INPUT_CLASSES), "step": "1"})


class CursorForm(Form):
    """Times are in the task's zone: the caller switches to it. `seen` is the cursor that the page has shown."""

    start = forms.DateTimeField(label=_("next window starts at"), widget=SecondsInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        text = self.cleaned_data["seen"]
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("Reload the page.")) from None


class CursorPages(ScopedAdmin):
    """The page that moves a task's window cursor."""

    def get_urls(self) -> list[Any]:
        return [self.page_url("cursor", self.cursor_view), *super().get_urls()]

    def cursor_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page. POST also shows what the move means, and with `move` does it."""
        task, now = self.row_for(request, object_id, Role.ADMIN), timezone.now()
        with timezone.override(ZoneInfo(task.timezone)):
            form = CursorForm(request.POST or None, initial=_current_values(task))
            planned: Move | None = None
            if form.is_valid():
                try:
                    if "move" in request.POST:
                        return self._moved(request, task, form.cleaned_data)
                    planned = window_cursor.plan(task, form.cleaned_data["start"], now)
                except (window_cursor.BusyCursorError, window_cursor.CursorRefusedError) as error:
                    form.add_error("start", str(error))
                except window_cursor.StaleCursorError:
                    text = gettext("The cursor or the task has changed in the meantime: reload the page.")
                    form.add_error(None, text)
            spans = planned and [(planned.repeated, "again"), (planned.left_out, "never")]
            page = self.show(
                request, "platform/cursor_form.html", _("Next window"), task, form=form, planned=planned,
                spans=[(span, kind, planned.count(span)) for span, kind in spans or () if span and planned],
            )  # fmt: skip
            return page.render()  # rendered here, while the task's zone is set

    def _moved(self, request: HttpRequest, task: ScheduledTask, given: dict[str, Any]) -> HttpResponse:
        seen, version = given["seen"], given["version"]
        window_cursor.move(
            task.pk, given["start"], actor(request), timezone.now(), seen=seen, version=version
        )
        text = gettext("The next window starts at %(start)s.")
        at = timezone.localtime(given["start"])
        self.message_user(request, text % {"start": f"{at:%Y-%m-%d %H:%M:%S}"}, messages.SUCCESS)
        return HttpResponseRedirect(self.url("overview", task))


def _current_values(task: ScheduledTask) -> dict[str, Any]:
    seen = task.last_end_time.isoformat() if task.last_end_time else ""
    return {"start": task.last_end_time, "seen": seen, "version": task.version}
