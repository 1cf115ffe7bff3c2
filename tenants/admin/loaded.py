"""A form writes what its user changed against what its page was loaded with, and nothing else.

A page may stand open while others, or the platform itself, change its row. It carries of each column a digest of
what it showed and of what the row held. When it is saved, a column that its user left alone keeps what the row
holds by now; one that both have changed is refused in words.
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

NAME = (
    "loaded_version"  # of the hidden input: platform/loaded.html, or a field of a form that is a table's row
)
Digests = Mapping[str, tuple[str, str]]  # of what a column showed, of what it held


class LoadedField(forms.CharField):
    """The hidden input as a field, for forms that no template of ours shows."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class LoadedForm(Form):
    """`held` are the row's values; a subclass may show others, as for secrets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = {field.name for field in self._meta.model._meta.concrete_fields} & {*self.fields}
        self.held = {name: getattr(self.instance, name) for name in columns} if self.instance.pk else {}
        if NAME in self.fields:
            self.initial[NAME] = self.loaded

    @property
    def loaded(self) -> str:
        """Return what the hidden input holds; a form that comes back with errors was loaded as before."""
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
        """What its user left alone is not judged: a row that a later rule forbids can be changed elsewhere."""
        alone = self.fields.keys() - {*self.changed_data} if self.instance.pk else set()
        return super()._get_validation_exclusions() | alone  # type: ignore[misc,no-any-return]  # private

    def _settle(self, name: str, values: dict[str, Any], showed: str) -> None:
        """Somebody has changed this column meanwhile."""
        submitted = self._digest(name, values[name])
        if submitted == showed:
            values[name] = self.held[name]
            self.changed_data = [one for one in self.changed_data if one != name]
        elif submitted != self._digest(name, self.held[name]):
            text = _("Somebody has changed this meanwhile: load the page again, then change it.")
            self.add_error(name, text)

    def _digest(self, name: str, value: Any) -> str:
        field = self.fields[name]
        key = field.prepare_value(value) if isinstance(field, forms.ModelChoiceField) else value
        text = json.dumps(_plain(key), sort_keys=True, default=str)
        return salted_hmac(f"{__name__}.{name}", text).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Return the value as it comes back from a browser: to the second, lines as they are, without spaces around."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    if isinstance(value, str) or value is None:
        return (value or "").replace("\r\n", "\n").strip()
    return value


def _read(text: str) -> Digests:
    """Return {} of what no page of ours holds."""
    try:
        found = json.loads(text) if text else {}
        return {str(name): (str(showed), str(held)) for name, (showed, held) in found.items()}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}
