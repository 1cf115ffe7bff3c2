"""Models that name the rules of their columns: forms, the API, commands and imports meet them in the row itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from common.rules import Rule


class Ruled(models.Model):
    """`rules` by column; None stands for no value, and is the column's own to refuse."""

    rules: ClassVar[Mapping[str, Rule]] = {}

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Raises ValidationError: what Django finds in the columns that are not excluded, and what the rules say."""
        left_out = {*(exclude or ())}
        judged = {one.name: one for one in self._meta.concrete_fields if one.name not in left_out}
        # Whether a text or a list may be empty is the rule's to say.
        ruled = {name: getattr(self, name) for name in self.rules.keys() & judged.keys()}
        empty = {n for n, value in ruled.items() if value is not None and value in judged[n].empty_values}
        wrong: dict[str, Any] = {}
        try:
            super().clean_fields(left_out | empty)
        except ValidationError as error:
            wrong = error.update_error_dict({})
        wrong |= {name: [ValidationError(text)] for name, text in self.flaws(judged.keys())}
        if wrong:
            raise ValidationError(wrong)

    def flaws(self, judged: Set[str]) -> Iterator[tuple[str, str]]:
        """What is wrong with these columns, each said of its column."""
        for name, rule in self.rules.items():
            value = getattr(self, name)
            if name in judged and value is not None and (text := rule.flaw(value)):
                yield name, text


def judge(row: models.Model, columns: Collection[str]) -> None:
    """Raises ValidationError for these columns only: a row that a later rule forbids can be changed in others."""
    fields = row._meta.concrete_fields
    row.clean_fields(exclude={one.name for one in fields if not {one.name, one.attname} & {*columns}})


def in_words(error: ValidationError) -> str:
    """Return what a command prints of it."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
