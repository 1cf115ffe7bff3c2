"""Tags in the admin: a line of words in the form, and a filter of the list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from scheduling.models.tags import tagged, tags_of

if TYPE_CHECKING:
    from django.contrib.admin import SimpleListFilter

    class Filter(SimpleListFilter):
        pass

else:
    Filter = DropdownFilter


class TagsInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # unfold has no types
    def format_value(self, value: Any) -> str:
        return ", ".join(value) if isinstance(value, list) else value or ""


class TagsField(forms.CharField):
    """Words with commas between them, Western or Chinese; each counts once."""

    def __init__(self) -> None:
        super().__init__(
            label=_("tags"),
            required=False,
            help_text=_("Words to group tasks by, with commas between them."),
            widget=TagsInput,
        )

    def to_python(self, value: Any) -> Any:
        words = value if isinstance(value, list) else re.split("[,，、]", value or "")
        return list(dict.fromkeys(word for one in words if (word := " ".join(one.split()))))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class TagFilter(Filter):
    title, parameter_name = _("tag"), "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(tag, tag) for tag in tags_of(model_admin.get_queryset(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return tagged(queryset, self.value() or "") if self.value() else queryset
