"""The reasons why a field was refused, in the reader's language: pydantic's are in English only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_noop

from common.rest.problems import FieldError

TEXTS = {
    "missing": gettext_noop("This field is required."),
    "extra_forbidden": gettext_noop("This field does not exist."),
    "string_type": gettext_noop("This must be text."),
    "int_type": gettext_noop("This must be a whole number."),
    "int_from_float": gettext_noop("This must be a whole number."),
    "int_parsing": gettext_noop("This must be a whole number."),
    "float_type": gettext_noop("This must be a number."),
    "bool_type": gettext_noop("This must be true or false."),
    "bool_parsing": gettext_noop("This must be true or false."),
    "list_type": gettext_noop("This must be a list."),
    "dict_type": gettext_noop("This must be an object."),
    "model_type": gettext_noop("This must be an object."),
    "model_attributes_type": gettext_noop("This must be an object."),
    "string_too_short": gettext_noop("This is too short: the minimum length is %(min_length)d."),
    "string_too_long": gettext_noop("This is too long: the maximum length is %(max_length)d."),
    "string_pattern_mismatch": gettext_noop("This must match the pattern %(pattern)s."),
    "too_short": gettext_noop("There are too few entries: the minimum is %(min_length)d."),
    "too_long": gettext_noop("There are too many entries: the maximum is %(max_length)d."),
    "greater_than_equal": gettext_noop("This must be at least %(ge)s."),
    "less_than_equal": gettext_noop("This must be at most %(le)s."),
    "literal_error": gettext_noop("This must be one of: %(expected)s."),
    "value_error": "%(error)s",  # from the platform's own validators, translated already
}


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return the faults in the errors of ninja's ValidationError."""
    return [FieldError(_field(error["loc"]), _message(error)) for error in errors]


def _field(location: Sequence[str | int]) -> str:
    """Return a field's name from its location.

    ("body", name of the argument, "time_points", 0) -> "time_points.0"; a query has no argument's name.
    """
    source, *path = location
    return ".".join(map(str, path[1:] if source == "body" else path[-1:]))


def _message(error: Mapping[str, Any]) -> str:
    text = TEXTS.get(error["type"])
    return gettext(text) % error.get("ctx", {}) if text else str(error["msg"])
