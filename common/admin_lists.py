"""Lists whose address no query string breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.db import DataError
from django.http import HttpRequest

TOO_LONG = re.compile(
    r"^-?\d{19,}$|,-?\d{19,}|-?\d{19,},"
)  # for a column; a filter shows its rows later, too

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class RefusingLists(Base):
    """What a database does not take as a filter's value is a wrong filter: Django then shows the list without it."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        if any(TOO_LONG.search(str(value)) for name, value in request.GET.items() if name != SEARCH_VAR):
            raise IncorrectLookupParameters
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, DataError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error
