"""Reads and writes rows by statements that are put together once: for what every run does to the database.

A QuerySet builds its SQL anew for each call, which takes five times as long as all the rest of the call: two thirds of
the time of a run that does nothing. Queries that aren't made hundreds of times a second use a QuerySet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)


class Rows(Generic[M]):
    """The rows of a model.

    `only`: names of the columns to read, for a model that has many; the others are read when they are accessed.
    `along`: foreign keys whose rows are read by the same statement, as by select_related; not for rows to be locked.
    """

    def __init__(
        self, model: type[M], only: Collection[str] = (), along: Mapping[str, Rows[Any]] | None = None
    ) -> None:
        self.model, self.only, self.along = model, frozenset(only), along or {}

    def find(self, *, lock: bool = False, **where: object) -> M | None:
        """Return the row with all these values, which must be unique; None if there is none.

        `lock` waits for the row's lock and takes it, in a transaction.
        """
        end = " FOR UPDATE" if lock and connection.features.has_select_for_update else ""
        return next(iter(self._read(f"{self._matches(where)}{end}", self._asked(where))), None)

    def has(self, where: dict[str, Any]) -> bool:
        """Return whether there is a row with all these values."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {self._table} WHERE {self._matches(where)} LIMIT 1",  # noqa: S608
                self._asked(where),
            )
            return cursor.fetchone() is not None

    def any(self, *ways: dict[str, Any]) -> list[M]:
        """Return the rows that have all the values of one of the `ways`. None means NULL, as in all these methods."""
        condition = " OR ".join(f"({self._matches(where)})" for where in ways)
        return self._read(condition, [value for where in ways for value in self._asked(where)])

    def update(self, where: dict[str, Any], **columns: object) -> int:
        """Set the columns of all rows with all the values of `where`. Return how many rows there were."""
        changes = ", ".join(f"{self._quoted[name]} = %s" for name in columns)
        sql = f"UPDATE {self._table} SET {changes} WHERE {self._matches(where)}"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [*self._values(columns), *self._asked(where)])
            return int(cursor.rowcount)

    def insert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows: at least one, all with the same columns, and no more than one statement takes.

        Defaults aren't filled in.
        """
        names = ", ".join(self._quoted[name] for name in rows[0])
        places = ", ".join(f"({', '.join(['%s'] * len(row))})" for row in rows)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self._table} ({names}) VALUES {places}",  # noqa: S608
                [value for row in rows for value in self._values(row)],
            )

    def upsert(self, row: dict[str, Any], **changes: str) -> None:
        """Insert the row; where there is one with its primary key, change that one instead.

        `changes` is SQL by column, in which `%(name)s` is the value of the row that is given. MySQL carries them out in
        this order, and a later one sees what an earlier one has set; SQLite shows each the values of before.
        """
        sets = ", ".join(f"{self._quoted[name]} = {change}" for name, change in changes.items())
        names, places = (
            ", ".join(self._quoted[name] for name in row),
            ", ".join(f"%({name})s" for name in row),
        )
        is_mysql = connection.vendor == "mysql"
        exists = (
            "ON DUPLICATE KEY UPDATE" if is_mysql else f"ON CONFLICT ({self._quoted['pk']}) DO UPDATE SET"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self._table} ({names}) VALUES ({places}) {exists} {sets}",  # noqa: S608
                dict(zip(row, self._values(row), strict=True)),
            )

    def _read(self, condition: str, values: list[Any]) -> list[M]:
        with connection.cursor() as cursor:
            cursor.execute(f"{self._select} WHERE {condition}", values)
            return [self._loaded(list(row)) for row in cursor.fetchall()]

    def _loaded(self, values: list[Any]) -> M:
        """Make a row of the values of its own columns, and after them of those of the rows that come along."""
        for index, field, converters in self._converters:
            for convert in converters:
                values[index] = convert(values[index], field.cached_col, connection)
        end = len(self._fields)
        row = self.model.from_db(connection.alias, self._names, values[:end])
        for name, rows in self.along.items():
            begin, end = end, end + len(rows._fields)
            self._columns[name].set_cached_value(row, rows._joined(values[begin:end]))
        return row

    def _joined(self, values: list[Any]) -> M | None:
        return None if values[self._fields.index(self._columns["pk"])] is None else self._loaded(values)

    @cached_property
    def _columns(self) -> dict[str, Any]:
        fields = self.model._meta.concrete_fields
        by_name = {name: field for field in fields for name in (field.attname, field.name)}
        return by_name | {"pk": self.model._meta.pk}

    @cached_property
    def _quoted(self) -> dict[str, str]:
        return {name: _quote(field.column) for name, field in self._columns.items()}

    @cached_property
    def _fields(self) -> list[Field[Any, Any]]:
        fields = self.model._meta.concrete_fields
        return [f for f in fields if not self.only or f.primary_key or self.only & {f.name, f.attname}]

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self._fields]

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list[Any]]]:
        """The columns that have converters: position, field, and the converters as the SQL compiler picks them."""
        found = []
        for index, field in enumerate(self._fields):
            column = field.cached_col
            converters = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
            if converters:
                found.append((index, field, converters))
        return found

    @cached_property
    def _table(self) -> str:
        return _quote(self.model._meta.db_table)

    @cached_property
    def _select(self) -> str:
        columns = [rows._column(field) for rows in (self, *self.along.values()) for field in rows._fields]
        joins = [self._join(self._columns[name], rows) for name, rows in self.along.items()]
        return f"SELECT {', '.join(columns)} FROM {self._table}{''.join(joins)}"  # noqa: S608

    def _join(self, key: Any, rows: Rows[Any]) -> str:
        return f" LEFT JOIN {rows._table} ON {rows._column(key.target_field)} = {self._column(key)}"

    def _matches(self, where: dict[str, Any]) -> str:
        return " AND ".join(
            f"{self._table}.{self._quoted[name]} {'IS NULL' if value is None else '= %s'}"
            for name, value in where.items()
        )

    def _column(self, field: Any) -> str:
        return f"{self._table}.{_quote(field.column)}"

    def _asked(self, where: dict[str, Any]) -> list[Any]:
        return self._values({name: value for name, value in where.items() if value is not None})

    def _values(self, columns: dict[str, Any]) -> list[Any]:
        return [self._columns[name].get_db_prep_save(value, connection) for name, value in columns.items()]


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
