"""Forms that write only what their user changed since the page was loaded.

A page may be open while other users, or the platform itself, change its row. For each column it carries a digest of
what it showed and of what the row held. When it is saved, a column that its user left alone keeps what the row holds
by then; one that both have changed is refused with a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    Form = forms.ModelForm[Any]
else:
    Form = forms.ModelForm

# The name of the hidden input: in platform/loaded.html, or a field of a form that is a table's row.
NAME = "loaded_version"
Digests = Mapping[str, tuple[str, str]]  # by column: the digests of what it showed and of what it held


class LoadedField(forms.CharField):
    """The hidden input as a field, for forms that are not shown by one of our templates."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class LoadedForm(Form):
    """The form. `held` are the row's values; a subclass may show other ones, as for secrets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = {field.name for field in self._meta.model._meta.concrete_fields} & {*self.fields}
        self.held = {name: getattr(self.instance, name) for name in columns} if self.instance.pk else {}
        if NAME in self.fields:
            self.initial[NAME] = self.loaded

    @property
    def loaded(self) -> str:
        """The value of the hidden input. A form that comes back with errors keeps the one that it was loaded with."""
        if self.is_bound:
            return str(self.data.get(self.add_prefix(NAME), ""))
        digests = {name: (self._digest(name, self.initial.get(name)), self._digest(name, value))
                   for name, value in self.held.items()}  # fmt: skip
        return json.dumps(digests, separators=(",", ":")) if digests else ""

    def clean(self) -> dict[str, Any] | None:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        loaded = _read(self.loaded)
        for name in self.held.keys() & loaded.keys() & values.keys():
            showed, held = loaded[name]
            if held != self._digest(name, self.held[name]):
                self._settle(name, values, showed)
        return values

    def _get_validation_exclusions(self) -> set[str]:
        """Return the fields not to be validated, also those that the user left alone.

        So a row with a value that a later rule forbids can still be changed in its other columns.
        """
        alone = self.fields.keys() - {*self.changed_data} if self.instance.pk else set()
        return super()._get_validation_exclusions() | alone  # type: ignore[misc,no-any-return]  # private

    def _settle(self, name: str, values: dict[str, Any], showed: str) -> None:
        """Settle a column that has been changed since the page was loaded.

        Left alone by this user, it takes the row's value; changed to another value than the row's, it is an error.
        """
        submitted = self._digest(name, values[name])
        if submitted == showed:
            values[name] = self.held[name]
            self.changed_data = [one for one in self.changed_data if one != name]
        elif submitted != self._digest(name, self.held[name]):
            text = _(
                "Somebody else has changed this in the meantime: reload the page, then make your changes."
            )
            self.add_error(name, text)

    def _digest(self, name: str, value: Any) -> str:
        field = self.fields[name]
        key = field.prepare_value(value) if isinstance(field, forms.ModelChoiceField) else value
        text = json.dumps(_plain(key), sort_keys=True, default=str)
        return salted_hmac(f"{__name__}.{name}", text).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Return the value as a browser sends it back: times to the second, texts with LF and without spaces around."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    if isinstance(value, str) or value is None:
        return (value or "").replace("\r\n", "\n").strip()
    return value


def _read(text: str) -> Digests:
    """Read the hidden input. Return {} for a text that no page of ours holds."""
    try:
        found = json.loads(text) if text else {}
        return {str(name): (str(showed), str(held)) for name, (showed, held) in found.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}
