"""The types of fields in schemas. A body's values are never converted: "1" is no number."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from common.rest.problems import FieldError, UnprocessableError
from common.ruled import Ruled
from common.rules import CODE, LONG, MOMENT, NAME, WEB, Items, Range, Rule, Text


def parse_moment(value: Any) -> datetime:
    """Return the time in UTC that an RFC 3339 text names. Raises ValueError, in the reader's language."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > 40 or "T" not in value.upper():
        raise ValueError(_("Write a time as 2026-01-31T08:00:00+08:00."))
    try:
        parse_moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(_("Write a time as 2026-01-31T08:00:00+08:00.")) from None
    if parse_moment.utcoffset() is None:
        raise ValueError(_("The time has no UTC offset: write it as 2026-01-31T08:00:00+08:00."))
    if problem := MOMENT.problem_with(parse_moment):
        raise ValueError(problem)
    return parse_moment.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(parse_moment, json_schema_input_type=datetime)]


def schema_of_rule(rule: Rule) -> Any:
    """Return what a schema shows of a rule; the rest of the rule is checked where the row is written.

    A text is trimmed before it is looked at, like the column.
    """
    if isinstance(rule, Range):
        return Field(ge=rule.minimum, le=rule.maximum)
    if isinstance(rule, Text):
        return StringConstraints(
            min_length=rule.min_length or None,
            max_length=rule.max_length,
            pattern=rule.pattern or None,
            strip_whitespace=rule.is_trimmed or None,
        )
    assert isinstance(rule, Items)
    return Field(max_length=rule.max_length)


def schema_of_column(model: type[Ruled], column: str) -> Any:
    return schema_of_rule(model.rules[column])


Name = Annotated[str, schema_of_rule(NAME)]
Code = Annotated[str, schema_of_rule(CODE)]
LongText = Annotated[str, schema_of_rule(LONG)]


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://\S+", value):
        raise ValueError(_("Write an address that begins with http:// or https://."))
    return value


# Narrower than what is accepted (no IPv6, no name in another script), so that any value that a reader of the schema
# makes up is accepted.
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_HOST = rf"(({_LABEL}\.){{0,3}}[A-Za-z][a-z]{{1,20}}|{_OCTET}(\.{_OCTET}){{3}})"
WEB_ADDRESS = rf"^(https?://{_HOST}(:[1-9]\d{{0,3}})?([/?][!-\[\]-~]*)?)?$"
WebAddress = Annotated[
    str,
    schema_of_rule(WEB),
    AfterValidator(_web_address),
    Field(json_schema_extra={"pattern": WEB_ADDRESS}),
]
JsonObject = dict[str, Any]


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError(_("This must be a whole number."))
    return value


def _true_or_false(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError(_("Write true or false."))
    return value


# Values in a query are text: only these spellings are accepted. Bounds come before the validator: otherwise the schema
# of an optional field would not show them.
Digits = BeforeValidator(_digits)
Id = Annotated[int, Field(ge=1, le=2**63 - 1), Digits]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class Fields(BaseModel):
    """A request's body: exact types, no unknown fields. `model_fields_set` holds the names of what was sent."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Filters(BaseModel):
    """A request's query. Unknown parameters are refused, because a misspelled filter would list everything."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any, info: ValidationInfo) -> Any:
        sent = info.context["request"].GET if info.context else ()
        known = {field.alias or name for name, field in cls.model_fields.items()}
        unknown = [name for name in sent if name not in known]
        if unknown:
            raise UnprocessableError(
                [FieldError(name, _("This parameter does not exist.")) for name in unknown]
            )
        return data
