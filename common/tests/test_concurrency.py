from __future__ import annotations

from contextlib import ExitStack

import pytest

from common.concurrency import MAX_OF_ONE, MAX_PLACES, NoPlaceError, hold_place


def test_one_tenant_can_not_take_all_places() -> None:
    with ExitStack() as stack:
        for _ in range(MAX_OF_ONE):
            stack.enter_context(hold_place("acme"))
        with pytest.raises(NoPlaceError):
            stack.enter_context(hold_place("acme"))
        stack.enter_context(hold_place("other"))
    with hold_place("acme"):
        pass


def test_all_together_leave_the_rest_of_the_process_alone() -> None:
    with ExitStack() as stack:
        for number in range(MAX_PLACES):
            stack.enter_context(hold_place(str(number)))
        with pytest.raises(NoPlaceError):
            stack.enter_context(hold_place(None))


def test_a_place_is_free_again_after_an_error() -> None:
    for _ in range(MAX_PLACES + 1):
        with pytest.raises(LookupError), hold_place("acme"):
            raise LookupError
