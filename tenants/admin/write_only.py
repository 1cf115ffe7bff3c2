"""Forms of rows with encrypted columns. Addresses are shown masked, everything else only as set or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import display
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextInputWidget

from common.fields import encrypted_columns
from common.masked_input import unmasked
from common.redact import mask_url
from tenants.admin.loaded import LoadedForm

CLEAR = "\x00clear"  # cannot be entered: no browser sends a NUL, and no validator of text accepts one


class SecretInput(forms.Widget):
    """An input that never shows the value, only whether one is set. Left empty it keeps the value; a box clears it."""

    template_name = "platform/secret_input.html"

    def __init__(self, *, is_set: bool, can_clear: bool, lines: bool) -> None:
        super().__init__(attrs={"class": " ".join(INPUT_CLASSES), "autocomplete": "new-password"})
        self.is_set, self.can_clear, self.lines = is_set, can_clear, lines

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        more = {"is_set": self.is_set, "can_clear": self.can_clear and self.is_set, "lines": self.lines}
        return context | more

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        text = data.get(name, "")
        return CLEAR if not text and self.can_clear and f"{name}-clear" in data else text


class SecretField(forms.CharField):
    def __init__(self, like: forms.Field, *, is_set: bool, lines: bool) -> None:
        super().__init__(
            label=like.label,
            help_text=like.help_text,
            required=like.required and not is_set,
            strip=not lines,
            widget=SecretInput(is_set=is_set, can_clear=not like.required, lines=lines),
        )

    def run_validators(self, value: Any) -> None:
        if value != CLEAR:
            super().run_validators(value)


class WriteOnlyForm(LoadedForm):
    """The form. `addresses` are encrypted columns whose host and path help to tell rows apart; `lines` may be long."""

    addresses: ClassVar[tuple[str, ...]] = ()
    lines: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # Django does so for columns, not for declared fields
            field.label = capfirst(field.label)
        self.stored = {
            name: getattr(self.instance, name)
            for name in encrypted_columns(type(self.instance)) & {*self.fields}
        }
        for name, value in self.stored.items():
            if name in self.addresses:
                self.fields[name].widget = UnfoldAdminTextInputWidget(attrs={"spellcheck": "false"})
                self.initial[name] = mask_url(value)
            else:
                self.fields[name] = SecretField(
                    self.fields[name], is_set=bool(value), lines=name in self.lines
                )
                self.initial[name] = ""

    def clean(self) -> dict[str, Any] | None:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for name, stored in self.stored.items():
            if name in values:
                values[name] = self._kept(name, values[name], stored)
        return values

    def _kept(self, name: str, submitted: str, stored: str) -> str:
        if name in self.addresses:
            return unmasked(name, submitted, stored)
        return "" if submitted == CLEAR else submitted or stored


def shown_names(form: type[WriteOnlyForm], model: type[Model], names: Iterable[Any]) -> list[Any]:
    """Return a fieldset's names for users who may only look: Django would show them encrypted columns as they are."""
    hidden = encrypted_columns(model)
    return [
        tuple(shown_names(form, model, name))
        if isinstance(name, list | tuple)
        else _set_or_not(form, model, name)
        if name in hidden
        else name
        for name in names
    ]


def _set_or_not(form: type[WriteOnlyForm], model: type[Any], name: str) -> Callable[[Any], str]:
    def value(row: Any) -> str:
        text = getattr(row, name)
        if name in form.addresses:
            return mask_url(text)
        return str(_("set") if text else _("not set"))

    value.__name__ = name
    return display(description=model._meta.get_field(name).verbose_name)(value)
