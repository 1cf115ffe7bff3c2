"""When a run has nothing to wait for any more."""

from __future__ import annotations

from scheduling.execution import is_over, is_over_for_messages
from scheduling.tests.kinds.context import FakeContext


def test_a_run_that_has_ended_at_its_deadline_may_wait_for_its_message() -> None:
    context = FakeContext(seconds=-0.5)
    assert (is_over(context), is_over_for_messages(context)) == (True, False)


def test_so_may_one_whose_worker_ends() -> None:
    context = FakeContext()
    context.switch.cancel()
    assert (is_over(context), is_over_for_messages(context)) == (True, True)
    context.released = True
    assert (is_over(context), is_over_for_messages(context)) == (True, False)
