"""What comes back from somebody who was shown a masked value."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.redact import MASK, mask_url


def unmasked(field: str, submitted: str, stored: str, mask: Callable[[str], str] = mask_url) -> str:
    """Return the stored value where its mask came back, else what was submitted.

    Raises ValidationError, naming the field, where a mask stands in anything else: `***beef` is nobody's token.
    """
    if MASK not in submitted:
        return submitted
    if stored and submitted == mask(stored):
        return stored
    message = _(
        "The part that is shown as *** is not known from this: leave the value as it was shown, "
        "or enter it whole."
    )
    raise ValidationError({field: message})
