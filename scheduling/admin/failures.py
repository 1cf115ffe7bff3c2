"""The pages of failures: what fails, how often and since when, and what to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, SELECT_CLASSES

from scheduling.acts import failures
from scheduling.acts.runs import TaskDeletedError
from scheduling.admin.failure_labels import sparkline, state_label
from scheduling.admin.task_link import task_link, with_tasks, zone_of
from scheduling.admin.wording import error_text, refusal_text
from scheduling.models import FailureGroup, FailureState, IncompleteTaskError, RunStatus
from tenants.admin.access import actor
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import as_json, moment
from tenants.admin.pages import TenantFilter, choice_filter
from tenants.admin.post_actions import Act, Link
from tenants.models import Role

if TYPE_CHECKING:
    Form = forms.Form
else:
    from django.forms import Form

SEEN = "failures_seen_at"  # in the session: when one last looked at the list
MAX_NEW = 99
SHOWN_RUNS = 20
HOURS = (("1", _("1 hour")), ("24", _("1 day")), ("168", _("1 week")), ("", _("until it is opened again")))


def is_open(group: FailureGroup) -> bool:
    return group.state == FailureState.OPEN


def is_put_away(group: FailureGroup) -> bool:
    return group.state != FailureState.OPEN


class MuteForm(Form):
    hours = forms.ChoiceField(
        label=_("how long"),
        choices=HOURS,
        required=False,
        initial="24",
        widget=forms.Select(attrs={"class": " ".join(SELECT_CLASSES)}),
    )
    reason = forms.CharField(
        label=_("reason"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": " ".join(INPUT_CLASSES)}),
    )

    def until(self, now: datetime) -> datetime | None:
        hours = self.cleaned_data["hours"]
        return now + timedelta(hours=int(hours)) if hours else None


@admin.register(FailureGroup)
class FailureAdmin(ReadOnlyAdmin):
    acts = (
        Act(
            "rerun_all",
            _("Run all again"),
            "replay",
            confirm=_("Run all runs again that failed like this and have not been run again yet?"),
            in_list=True,
        ),
        Act("resolve", _("Resolved"), "check", offered=is_open, in_list=True),
        Act("reopen", _("Open again"), "undo", offered=is_put_away, in_list=True),
    )
    teaches = _(
        "Failed runs appear here by their cause: what fails each night is one entry, however often it has "
        "failed."
    )
    change_form_outer_after_template = "platform/failure_runs.html"
    list_display = ("what", "task_link", "run_count", "trend", "latest", "shown_state", "tenant")
    list_display_links = ("what",)
    list_select_related = ("tenant",)
    list_filter = (TenantFilter, choice_filter("state", _("state"), list(FailureState.choices)))
    search_fields = ("place", "error")
    sortable_by = ()
    fields = (
        ("shown_state", "muted"),
        ("task_link", "error_code"),
        ("run_count", "trend"),
        ("first", "latest"),
        "place",
        "message",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_tasks(super().get_queryset(request))

    def get_urls(self) -> list[Any]:
        return [self.page_url("mute", self.mute_view), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list. What is new is new no longer."""
        page = super().changelist_view(request, extra_context)
        request.session[SEEN] = timezone.now().isoformat()
        return page

    # --- columns

    @admin.display(description=_("failure"))
    def what(self, row: FailureGroup) -> str:
        return format_html(
            '<span class="two-lines" title="{}"><b>{}</b><span>{}</span></span>',
            row.error, error_text(row.error_code), row.place or row.error[:200],
        )  # fmt: skip

    @admin.display(description=_("task"))
    def task_link(self, row: FailureGroup) -> str:
        return task_link(row)

    @admin.display(description=_("last 14 days"))
    def trend(self, row: FailureGroup) -> str:
        return sparkline(row.days, timezone.now())

    @admin.display(description=_("first"))
    def first(self, row: FailureGroup) -> str:
        return moment(row.first_at, zone_of(row))

    @admin.display(description=_("last"))
    def latest(self, row: FailureGroup) -> str:
        return moment(row.last_at, zone_of(row))

    @admin.display(description=_("state"))
    def shown_state(self, row: FailureGroup) -> str:
        by = f"{row.decided_by}: {row.reason}" if row.reason else row.decided_by
        return format_html('<span title="{}">{}</span>', by, state_label(row))

    @admin.display(description=_("muted until"))
    def muted(self, row: FailureGroup) -> str:
        if row.state != FailureState.MUTED:
            return ""
        until = moment(row.muted_until) if row.muted_until else gettext("until it is opened again")
        return format_html("{} · {} {}", until, row.decided_by, row.reason)

    @admin.display(description=_("latest error"))
    def message(self, row: FailureGroup) -> str:
        return as_json(row.error)

    # --- page

    def page(self, request: HttpRequest, row: FailureGroup) -> dict[str, Any]:
        query = {"task__id__exact": row.task_id, "status": RunStatus.FAILED.value}
        mute = Link(self.url("mute", row), _("Mute…"), "notifications_off")
        may = self.may(request, Role.OPERATOR, row)
        return {
            "links": [mute] if may else [],
            "runs": [
                (run, moment(run.finished_at)) for run in islice(failures.runs_of_group(row), SHOWN_RUNS)
            ],
            "all_runs": f"{reverse('admin:scheduling_run_changelist')}?{urlencode(query)}",
        }

    def mute_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        group, now = self.row_for(request, object_id, Role.OPERATOR), timezone.now()
        form = MuteForm(request.POST or None)
        if form.is_valid():
            try:
                failures.mute(group, form.until(now), form.cleaned_data["reason"], actor(request), now)
            except ValidationError as error:
                form.add_error(None, error.messages[0])
            else:
                text = gettext("Nobody is alerted of this failure until then.")
                self.message_user(request, text, messages.SUCCESS)
                return HttpResponseRedirect(self.url("change", group))
        return self.show(request, "platform/mute_form.html", _("Mute"), group, form=form)

    # --- acts

    def act_rerun_all(self, request: HttpRequest, row: FailureGroup) -> None:
        try:
            count = len(failures.rerun_all(row, actor(request), timezone.now()))
        except (TaskDeletedError, IncompleteTaskError) as error:
            self.message_user(request, refusal_text(error), messages.ERROR)
            return
        text = ngettext("%(count)d run was started again.", "%(count)d runs were started again.", count)
        none = gettext("All its runs have already been run again.")
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, text % {"count": count} if count else none, level)

    def act_resolve(self, request: HttpRequest, row: FailureGroup) -> None:
        failures.resolve(row, actor(request), timezone.now())
        text = gettext("Resolved. It opens again with the next run that fails like this.")
        self.message_user(request, text, messages.SUCCESS)

    def act_reopen(self, request: HttpRequest, row: FailureGroup) -> None:
        failures.reopen(row, actor(request), timezone.now())
        self.message_user(request, gettext("The failure is open again."), messages.SUCCESS)


def count_new(request: HttpRequest) -> str:
    """Return how many failures have been opened since one last looked, for the side bar; "" for none."""
    page = admin.site.get_model_admin(FailureGroup)
    rows = page.get_queryset(request).filter(state=FailureState.OPEN).prefetch_related(None)
    if seen := request.session.get(SEEN):
        rows = rows.filter(opened_at__gt=datetime.fromisoformat(seen))
    count = rows.order_by()[: MAX_NEW + 1].count()
    return f"{MAX_NEW}+" if count > MAX_NEW else str(count or "")
