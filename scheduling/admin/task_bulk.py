"""Acts for the selected tasks of the list, and the words that say what was done and what was left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts import runs, tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.admin.tags import TagsField
from scheduling.admin.wording import refusal_text
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError, ScheduledTask
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.models import Role

if TYPE_CHECKING:
    from django.contrib.admin.helpers import ActionForm
else:
    from unfold.forms import ActionForm

MAX_AT_ONCE = 200
NAMED = 10  # tasks that a message names


class LeftOutError(Exception):
    """Nothing is to be done for the task; the message says why, in the reader's language."""


class BulkForm(ActionForm):
    """The choice of an act, and the tags for those that need some: admin.css hides the field for all others."""

    tags = forms.CharField(
        label="",
        required=False,
        widget=forms.TextInput({"aria-label": _("tags"), "class": "bulk-tags", "placeholder": _("tags")}),
    )


class TaskBulk(ScopedAdmin):
    action_form = BulkForm
    actions = (
        "run_selected",
        "enable_selected",
        "disable_selected",
        "tag_selected",
        "untag_selected",
        "export_selected",
    )

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return self.may(request, Role.OPERATOR, None)

    @admin.action(description=_("Run the selected tasks now"), permissions=["operate"])
    def run_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> None:
        who, now = actor(request), timezone.now()

        def run(task: ScheduledTask) -> None:
            runs.run_now(task, who, now)

        done = self._each(request, queryset, Role.OPERATOR, run)
        self._say(request, done, ngettext("%(n)d run was queued.", "%(n)d runs were queued.", done))

    @admin.action(description=_("Enable the selected tasks"), permissions=["operate"])
    def enable_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> None:
        done = self._switch_each(request, queryset, on=True)
        self._say(request, done, ngettext("%(n)d task was enabled.", "%(n)d tasks were enabled.", done))

    @admin.action(description=_("Disable the selected tasks"), permissions=["operate"])
    def disable_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> None:
        done = self._switch_each(request, queryset, on=False)
        self._say(request, done, ngettext("%(n)d task was disabled.", "%(n)d tasks were disabled.", done))

    @admin.action(description=_("Add tags to the selected tasks"), permissions=["change"])
    def tag_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> None:
        def tagged(tags: list[str], words: list[str]) -> list[str]:
            return [*tags, *(word for word in words if word not in tags)]

        self._tag_each(request, queryset, tagged, gettext("They have these tags already."))

    @admin.action(description=_("Remove tags from the selected tasks"), permissions=["change"])
    def untag_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> None:
        def untagged(tags: list[str], words: list[str]) -> list[str]:
            return [tag for tag in tags if tag not in words]

        self._tag_each(request, queryset, untagged, gettext("They have none of these tags."))

    @admin.action(description=_("Export the selected tasks as YAML"), permissions=["view"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> HttpResponse:
        ids = ",".join(str(task.pk) for task in self._taken(request, queryset))
        return HttpResponseRedirect(f"{reverse('tasks_yaml')}?{urlencode({'ids': ids}, safe=',')}")

    def _switch_each(self, request: HttpRequest, queryset: QuerySet[ScheduledTask], *, on: bool) -> int:
        who, now = actor(request), timezone.now()
        already = gettext("They are enabled already.") if on else gettext("They are disabled already.")

        def apply(row: ScheduledTask) -> None:
            row.is_enabled = on

        def switch(task: ScheduledTask) -> None:
            if task.is_enabled == on:
                raise LeftOutError(already)
            tasks.update(task.pk, apply, who, now, action="toggle")

        return self._each(request, queryset, Role.OPERATOR, switch)

    def _tag_each(
        self,
        request: HttpRequest,
        queryset: QuerySet[ScheduledTask],
        changed: Callable[[list[str], list[str]], list[str]],
        unchanged: str,
    ) -> None:
        who, now = actor(request), timezone.now()
        words = TagsField().clean(request.POST.get("tags", ""))
        if not words:
            self.message_user(request, gettext("Write the tags beside the action."), messages.ERROR)
            return

        def apply(row: ScheduledTask) -> None:
            row.tags = changed(row.tags, words)

        def tag(task: ScheduledTask) -> None:
            if changed(task.tags, words) == task.tags:
                raise LeftOutError(unchanged)
            tasks.update(task.pk, apply, who, now)

        done = self._each(request, queryset, self.changed_by, tag)
        self._say(request, done, ngettext("%(n)d task was changed.", "%(n)d tasks were changed.", done))

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[ScheduledTask],
        role: Role,
        act: Callable[[ScheduledTask], None],
    ) -> int:
        """Do it for each task, in a transaction of its own. Return for how many, and say why not for the others."""
        left_out: dict[str, list[str]] = {}
        selected = self._taken(request, queryset)
        for task in selected:
            try:
                if not self.may(request, role, task):
                    raise LeftOutError(gettext("Your role in their tenant does not allow it."))
                act(task)
            except (LeftOutError, InvalidTaskError, ScheduledTask.DoesNotExist) as error:
                left_out.setdefault(_reason(error), []).append(task.task_name)
            except (IncompleteTaskError, NoWindowError) as error:
                left_out.setdefault(refusal_text(error), []).append(task.task_name)
        for reason, names in left_out.items():
            self._say_left_out(request, names, reason)
        return len(selected) - sum(map(len, left_out.values()))

    def _taken(self, request: HttpRequest, queryset: QuerySet[ScheduledTask]) -> list[ScheduledTask]:
        selected = list(queryset[: MAX_AT_ONCE + 1])
        if len(selected) > MAX_AT_ONCE:
            text = gettext("Only the first %(n)d of the selected tasks were taken.") % {"n": MAX_AT_ONCE}
            self.message_user(request, text, messages.WARNING)
        return selected[:MAX_AT_ONCE]

    def _say(self, request: HttpRequest, done: int, text: str) -> None:
        if done:
            self.message_user(request, text % {"n": done}, messages.SUCCESS)

    def _say_left_out(self, request: HttpRequest, names: list[str], reason: str) -> None:
        named = ", ".join(names[:NAMED]) + (" …" if len(names) > NAMED else "")
        text = gettext("Left out: %(tasks)s. %(reason)s") % {"tasks": named, "reason": reason}
        self.message_user(request, text, messages.WARNING)


def _reason(error: Exception) -> str:
    if isinstance(error, ScheduledTask.DoesNotExist):
        return gettext("Somebody else has deleted them in the meantime.")
    return str(error)
