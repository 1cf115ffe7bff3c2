"""Defaults in the database: programs of the previous system insert into its tables, naming only columns they know.

Django's own `db_default` works column by column, changes what an unsaved instance holds, and makes each INSERT return
all such columns. `in_database` works on a whole model, and changes nothing for Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.migrations.operations.base import Operation
from django.db.models import Field, Func, Model

M = TypeVar("M", bound=type[Model])


class UtcNow(Func):
    """The time as Django stores it, in UTC: on MySQL, CURRENT_TIMESTAMP is in the zone of the connection."""

    allowed_default = True

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "CURRENT_TIMESTAMP", []

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "UTC_TIMESTAMP(6)", []


class NewHex(Func):
    """32 hexadecimal digits that no other row has."""

    allowed_default = True

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "lower(hex(randomblob(16)))", []

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "REPLACE(UUID(), '-', '')", []


def in_database(**named: Any) -> Callable[[M], M]:
    """Give a model's columns defaults in the database, as a decorator.

    Each column that must have a value gets the default that it has in Python, and those that are `named` get theirs.
    """

    def give(model: M) -> M:
        columns = model._meta.local_concrete_fields
        for field in columns:
            default = named.get(field.name, _default(field))
            if default is not None:
                field.get_default()  # the field caches this default for unsaved instances
                field.db_default = default
        model._meta.db_returning_fields = [field for field in columns if field.primary_key]
        return model

    return give


def _default(field: Field[Any, Any]) -> Any:
    """Return the column's default in Python; None if a program has to give the value or may leave it NULL."""
    return field.get_default() if field.has_default() and not field.null else None


class GiveDefaults(Operation):
    """Sets the `db_default` of many columns at once: SQLite would write the table anew for each AlterField."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str, defaults: dict[str, Any]) -> None:
        self.model_name, self.defaults = model_name, defaults

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change the columns, none of them a relation, and then make the model's class anew.

        Django's alter_field makes it and all that are related to it anew for each column.
        """
        fields = state.models[app_label, self.model_name].fields
        for name, default in self.defaults.items():
            assert not fields[name].is_relation, name
            _name, _path, arguments, options = fields[name].deconstruct()
            fields[name] = type(fields[name])(*arguments, **options | {"db_default": default})
        state.reload_model(app_label, self.model_name, delay=True)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        before, after = (state.apps.get_model(app_label, self.model_name) for state in (from_state, to_state))
        changes = [(before._meta.get_field(name), after._meta.get_field(name)) for name in self.defaults]
        if schema_editor.connection.vendor == "sqlite":
            schema_editor._remake_table(before, alter_fields=changes)
            return
        for old, new in changes:
            if _is_long_text_of_mysql(schema_editor, new):
                definition, values = schema_editor.column_sql(after, new)
                table, column = map(schema_editor.quote_name, (after._meta.db_table, new.column))
                schema_editor.execute(f"ALTER TABLE {table} MODIFY {column} {definition}", values)
            else:
                schema_editor.alter_field(before, old, new)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Give columns of {self.model_name} defaults in the database"


def _is_long_text_of_mysql(schema_editor: Any, field: Any) -> bool:
    """Return whether a column is TEXT or JSON on MySQL, where only MODIFY can give it a default.

    Django would use ALTER COLUMN; MariaDB accepts both.
    """
    connection = schema_editor.connection
    is_mysql = connection.vendor == "mysql" and not connection.mysql_is_mariadb
    return is_mysql and bool(schema_editor._is_limited_data_type(field))
