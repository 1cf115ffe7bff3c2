"""Models that name the rules of their columns, so that forms, the API, commands and imports all obey the same ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from common.rules import Rule, Text


class Ruled(models.Model):
    """A model with `rules` by column. No rule applies to None: the column itself decides whether to refuse it."""

    rules: ClassVar[Mapping[str, Rule]] = {}

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Trim and check the columns that are not excluded.

        Raises ValidationError with all that Django and the rules find.
        """
        left_out = {*(exclude or ())}
        judged = {one.name: one for one in self._meta.concrete_fields if one.name not in left_out}
        self._trim(judged.keys())
        # The rule decides whether a text or a list may be empty, not Django.
        ruled = {name: getattr(self, name) for name in self.rules.keys() & judged.keys()}
        empty = {n for n, value in ruled.items() if value is not None and value in judged[n].empty_values}
        wrong: dict[str, Any] = {}
        try:
            super().clean_fields(left_out | empty)
        except ValidationError as error:
            wrong = error.update_error_dict({})
        wrong |= {name: [ValidationError(text)] for name, text in self.column_problems(judged.keys())}
        if wrong:
            raise ValidationError(wrong)

    def _trim(self, columns: Set[str]) -> None:
        for name, rule in self.rules.items():
            value = getattr(self, name)
            if name in columns and isinstance(rule, Text) and rule.is_trimmed and isinstance(value, str):
                setattr(self, name, value.strip())

    def column_problems(self, columns: Set[str]) -> Iterator[tuple[str, str]]:
        """Yield each of these columns that breaks its rule, with the words for what is wrong."""
        for name, rule in self.rules.items():
            value = getattr(self, name)
            if name in columns and value is not None and (text := rule.problem_with(value)):
                yield name, text


def check_columns(row: models.Model, columns: Collection[str]) -> None:
    """Check these columns only. Raises ValidationError.

    So a row that breaks a rule which was added later can still be changed in its other columns.
    """
    fields = row._meta.concrete_fields
    row.clean_fields(exclude={one.name for one in fields if not {one.name, one.attname} & {*columns}})


def one_line(error: ValidationError) -> str:
    """Return the error in one line, as a command prints it."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
