"""Acts for the selected runs of the list, and the words that say what was done and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts.run_batches import Batch, LeftOut, cancel_each, rerun_each
from scheduling.models import Run
from tenants.access import Actor
from tenants.admin.access import actor
from tenants.admin.base import ReadOnlyAdmin
from tenants.models import Role

MAX_AT_ONCE = 500
NAMED = 10  # ids that a message names
REASONS = {
    LeftOut.ENDED: _("They had already ended"),
    LeftOut.UNFINISHED: _("They have not ended yet"),
    LeftOut.NOT_ALLOWED: _("You may not operate their tenant"),
    LeftOut.TASK_DELETED: _("Their task has been deleted"),
    LeftOut.TASK_INCOMPLETE: _("Their task lacks what a run needs"),
}


class RunBulk(ReadOnlyAdmin):
    actions = ("cancel_selected", "rerun_selected")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return self.may(request, Role.OPERATOR, None)

    @admin.action(description=_("Cancel the selected runs"), permissions=["operate"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        batch = self._do(request, queryset, cancel_each)
        text = ngettext("%(n)d run is being stopped.", "%(n)d runs are being stopped.", batch.done)
        self._say(request, batch, text)

    @admin.action(description=_("Run the selected runs again"), permissions=["operate"])
    def rerun_selected(self, request: HttpRequest, queryset: QuerySet[Run]) -> None:
        batch = self._do(request, queryset, rerun_each)
        text = ngettext("%(n)d run was queued again.", "%(n)d runs were queued again.", batch.done)
        self._say(request, batch, text)

    def _do(
        self,
        request: HttpRequest,
        queryset: QuerySet[Run],
        act: Callable[[Iterable[Run], Actor, datetime], Batch],
    ) -> Batch:
        selected = list(queryset.defer(None).defer("output", "result", "timeline")[: MAX_AT_ONCE + 1])
        if len(selected) > MAX_AT_ONCE:
            text = gettext("Only the first %(n)d of the selected runs were taken.") % {"n": MAX_AT_ONCE}
            self.message_user(request, text, messages.WARNING)
        return act(selected[:MAX_AT_ONCE], actor(request), timezone.now())

    def _say(self, request: HttpRequest, batch: Batch, done: str) -> None:
        if batch.done:
            self.message_user(request, done % {"n": batch.done}, messages.SUCCESS)
        for why, ids in batch.left_out.items():
            named = ", ".join(f"#{pk}" for pk in ids[:NAMED]) + (" …" if len(ids) > NAMED else "")
            text = gettext("Left out: %(runs)s. %(reason)s.") % {"runs": named, "reason": REASONS[why]}
            self.message_user(request, text, messages.WARNING)
