"""Rows read and written by statements that are put together once: for what every run does to the database.

A QuerySet builds its SQL anew for each call, which takes five times as long as all the rest of the call: of a run
that does nothing that was two thirds. Whatever isn't asked hundreds of times a second is asked by a QuerySet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)


class Rows(Generic[M]):
    """`only`: names of the columns to read, where a model has many; others are read when they are asked for."""

    def __init__(self, model: type[M], only: Collection[str] = ()) -> None:
        self.model, self.only = model, frozenset(only)

    def find(self, *, lock: bool = False, **where: object) -> M | None:
        """The row with all these values, which must be unique; `lock` waits for it, in a transaction."""
        return next(iter(self.all(lock=lock, **where)), None)

    def all(self, *, lock: bool = False, **where: object) -> list[M]:
        """In no order. A value of None is looked for as NULL, here and in `update`."""
        end = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
        with connection.cursor() as cursor:
            cursor.execute(f"{self._select} WHERE {self._matches(where)}{end}", self._asked(where))
            return [self._loaded(list(row)) for row in cursor.fetchall()]

    def update(self, where: dict[str, Any], **columns: object) -> int:
        """How many rows had all the values of `where`."""
        changes = ", ".join(f"{_quoted(self._field(name))} = %s" for name in columns)
        sql = f"UPDATE {self._table} SET {changes} WHERE {self._matches(where)}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [*self._values(columns), *self._asked(where)])
            return int(cursor.rowcount)

    def insert(self, rows: Sequence[dict[str, Any]]) -> None:
        """All with the same columns, one at least, and as many as one statement takes; defaults aren't filled in."""
        names = ", ".join(_quoted(self._field(name)) for name in rows[0])
        places = ", ".join(f"({', '.join(['%s'] * len(row))})" for row in rows)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self._table} ({names}) VALUES {places}",  # noqa: S608
                [value for row in rows for value in self._values(row)],
            )

    def _loaded(self, values: list[Any]) -> M:
        for index, field, converters in self._converters:
            for convert in converters:
                values[index] = convert(values[index], field.cached_col, connection)
        return self.model.from_db(connection.alias, self._names, values)

    @cached_property
    def _fields(self) -> list[Field[Any, Any]]:
        fields = self.model._meta.concrete_fields
        return [f for f in fields if not self.only or f.primary_key or self.only & {f.name, f.attname}]

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list[Any]]]:
        """As the SQL compiler picks them."""
        found = []
        for index, field in enumerate(self._fields):
            column = field.cached_col
            converters = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
            if converters:
                found.append((index, field, converters))
        return found

    @cached_property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    @cached_property
    def _select(self) -> str:
        return f"SELECT {', '.join(_quoted(field) for field in self._fields)} FROM {self._table}"  # noqa: S608

    def _matches(self, where: dict[str, Any]) -> str:
        return " AND ".join(
            f"{_quoted(self._field(name))} {'IS NULL' if value is None else '= %s'}"
            for name, value in where.items()
        )

    def _asked(self, where: dict[str, Any]) -> list[Any]:
        return self._values({name: value for name, value in where.items() if value is not None})

    def _values(self, columns: dict[str, Any]) -> list[Any]:
        return [self._field(name).get_db_prep_save(value, connection) for name, value in columns.items()]

    def _field(self, name: str) -> Any:
        return self.model._meta.pk if name == "pk" else self.model._meta.get_field(name)


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)
