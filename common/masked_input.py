"""Input from people who were shown a masked value."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.redact import MASK, mask_url


def unmasked(field: str, submitted: str, stored: str, mask: Callable[[str], str] = mask_url) -> str:
    """Return the stored value if its mask was submitted unchanged, otherwise the submitted value.

    Raises ValidationError, naming the field, if a mask is in any other value: `***beef` is no real token.
    """
    if MASK not in submitted:
        return submitted
    if stored and submitted == mask(stored):
        return stored
    message = _(
        "The part shown as *** can't be filled in: leave the value as it was shown, or enter all of it."
    )
    raise ValidationError({field: message})
