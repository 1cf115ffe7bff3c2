"""Lists whose address no query string breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import DataError
from django.http import HttpRequest

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class RefusingLists(Base):
    """What a database does not take as a filter's value is a wrong filter: Django then shows the list without it."""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (OverflowError, DataError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error
