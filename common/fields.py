"""Model fields that every app shares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from common.crypto import Keyring

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    Text = models.TextField[str, str]
else:
    Text = models.TextField  # takes no type parameters when it runs


@cache
def keyring() -> Keyring:
    return Keyring(settings.ENCRYPTION_KEYS)


class EncryptedTextField(Text):
    """Text that is ciphertext in the database and plain in Python; "" stays "".

    Equal texts have different ciphertexts, so such a column can't be searched.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return keyring().encrypt(text) if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return keyring().decrypt(value) if value else value


class JsonValueField(models.JSONField):
    """Any JSON value; None is JSON's null, where Django would write SQL's NULL."""

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options  # the column is the same
