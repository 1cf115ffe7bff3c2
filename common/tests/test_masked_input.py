import pytest
from django.core.exceptions import ValidationError

from common.masked_input import unmasked
from common.redact import mask_value

STORED = "https://oapi.dingtalk.com/robot/send?access_token=0123456789beef"
SHOWN = "https://oapi.dingtalk.com/robot/send?access_token=***beef"


def test_the_mask_that_was_shown_keeps_what_is_stored() -> None:
    assert unmasked("webhook_url", SHOWN, STORED) == STORED
    assert unmasked("key", "***beef", "0123456789beef", mask_value) == "0123456789beef"


@pytest.mark.parametrize("submitted", ["", "https://example.com/new?access_token=other"])
def test_a_value_without_a_mask_is_taken_as_it_is(submitted: str) -> None:
    assert unmasked("webhook_url", submitted, STORED) == submitted


@pytest.mark.parametrize("stored", [STORED.replace("beef", "0000"), "", SHOWN.replace("oapi", "other")])
def test_a_mask_of_anything_else_is_refused_by_its_field(stored: str) -> None:
    with pytest.raises(ValidationError) as refused:
        unmasked("webhook_url", SHOWN, stored)
    assert set(refused.value.message_dict) == {"webhook_url"}
