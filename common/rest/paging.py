"""Lists in pages, with a constant number of queries."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from common.rest.fields import Digits, Filters, Id, Words

M = TypeVar("M", bound=Model)
Item = TypeVar("Item")

MAX_COUNTED = 10_000  # counting further would read the whole index of a large table
# An offset reads all rows before it: 100,000 at most. A list that goes deeper takes `before_id`.
Page = Annotated[int, Field(ge=1, le=1000), Digits]
PageSize = Annotated[int, Field(ge=1, le=100), Digits]


class PageQuery(Filters):
    page: Page = 1
    page_size: PageSize = 20
    search: Words = ""
    """Part of a name."""


class DeepPageQuery(PageQuery):
    before_id: Id | None = None
    """Only rows with a smaller id: the fast way into a long list."""


class PageOf(Schema, Generic[Item]):
    items: list[Item]
    total: int = Field(description="The number of rows, exact up to 10,000.")
    page: int
    page_size: int
    total_capped: bool = Field(
        False, description="Whether there are more rows than `total`.", exclude_if=lambda capped: not capped
    )


def page_of(rows: QuerySet[M], query: PageQuery) -> dict[str, Any]:
    """Return the values of a PageOf; makes two queries."""
    counted = rows.order_by()[: MAX_COUNTED + 1].count()
    first = (query.page - 1) * query.page_size
    return {
        "items": list(rows[first : first + query.page_size]),
        "total": min(counted, MAX_COUNTED),
        "page": query.page,
        "page_size": query.page_size,
        "total_capped": counted > MAX_COUNTED,
    }
