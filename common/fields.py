"""Model fields that every app shares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import IContains

from common.crypto import Keyring, is_encrypted

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Text = models.TextField[str, str]
    Word = models.CharField[str, str]
else:
    Text, Word = models.TextField, models.CharField  # at run time they take no type parameters


@cache
def keyring() -> Keyring:
    return Keyring(settings.ENCRYPTION_KEYS)


def fits_into(column: Any, value: Any) -> bool:
    """Return whether a column can be queried for this value, which may be any text."""
    try:
        column.clean(value, None)
    except ValidationError:
        return False
    return True


class EncryptedTextField(Text):
    """Text that is ciphertext in the database and plain in Python; "" stays "".

    Equal texts have different ciphertexts, so such a column can't be searched. Clear text that other programs have
    inserted is read as it is; it is encrypted when its row is saved, and by `manage.py rotate_keys`.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return keyring().encrypt(text) if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return keyring().decrypt(value) if value and is_encrypted(value) else value


def encrypted_columns(model: type[models.Model]) -> frozenset[str]:
    """Return the names of a model's encrypted columns."""
    return frozenset(f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField))


class KeyField(Word):
    """A name that programs ask for, compared character by character on every database.

    By default MySQL treats `k` and `K`, `e` and `é`, `a` and `a ` as equal. A search within the column still ignores
    case.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":  # neither collation ignores spaces at the end
            is_mariadb = getattr(connection, "mysql_is_mariadb", False)
            parameters["collation"] = "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"
        return parameters


@KeyField.register_lookup
class KeyContains(IContains):
    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        text, parameters = super().process_lhs(compiler, connection, lhs)
        return f"{text} COLLATE utf8mb4_general_ci" if connection.vendor == "mysql" else text, parameters


class DeepJSONField(models.JSONField):
    """JSON, stored as plain text on MySQL and MariaDB: MariaDB's JSON type takes no more than 31 levels."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "longtext" if connection.vendor == "mysql" else super().db_type(connection)

    def db_check(self, connection: BaseDatabaseWrapper) -> Any:
        """Leave out the parent's check on MySQL and MariaDB: it uses their JSON type, and refuses the same depth."""
        return None if connection.vendor == "mysql" else super().db_check(connection)


class ShapedJsonField(models.JSONField):
    """JSON of one type. Anything else that another program has written, such as `null`, is read as the default."""

    def shaped(self, read: Any) -> Any:
        """Return the value as this field's type. Raises TypeError or ValueError if it is of another type."""
        raise NotImplementedError

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        try:
            read = super().from_db_value(value, expression, connection)
            return read if isinstance(expression, KeyTransform) else self.shaped(read)
        except (TypeError, ValueError):
            return self.get_default()


class JsonListField(ShapedJsonField):
    """A JSON list. `of` is the type of its items."""

    def __init__(self, *arguments: Any, of: type[str | int] = str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.of = of

    def shaped(self, read: Any) -> Any:
        if not isinstance(read, list):
            raise TypeError
        return [self.of(one) for one in read]

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options  # the column is the same


class JsonObjectField(ShapedJsonField, DeepJSONField):
    def shaped(self, read: Any) -> Any:
        if not isinstance(read, dict):
            raise TypeError
        return read

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "common.fields.DeepJSONField", arguments, options  # the column is the same


class JsonValueField(DeepJSONField):
    """Any JSON value. None is written as JSON's null, for which Django would write SQL's NULL."""

    def validate(self, value: Any, model_instance: Any) -> None:
        if value is not None:
            super().validate(value, model_instance)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "common.fields.DeepJSONField", arguments, options  # the column is the same
