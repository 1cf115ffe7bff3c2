"""The form field that asks, with a new password, whether to revoke the user's API tokens."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldBooleanSwitchWidget

from tenants.models import ApiToken


def revoke_tokens_field(user: User) -> forms.BooleanField | None:
    """Return None for a user without tokens; the field says how many there are."""
    count = ApiToken.objects.filter(user=user).count()
    if not count:
        return None
    message = ngettext(
        "The user has %(count)d token, which a new password does not affect.",
        "The user has %(count)d tokens, which a new password does not affect.",
        count,
    )
    return forms.BooleanField(
        label=_("Revoke the API tokens"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=message % {"count": count},
    )
