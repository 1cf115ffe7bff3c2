from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

import pytest
from django.conf import settings

from common import concurrency
from scheduling.api import long_polling

SECONDS = 100  # never waited for


@contextmanager
def somebody_waits(has_ended: Event) -> Iterator[None]:
    """In a thread of its own, until `told`; has begun to wait inside."""
    looked, looked_again = Event(), Event()

    def look() -> bool:
        (looked_again if looked.is_set() else looked).set()
        return has_ended.is_set()

    thread = Thread(target=long_polling.until, args=(bool, look, SECONDS))
    thread.start()
    looked_again.wait()
    yield
    has_ended.set()
    thread.join()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_polling, "LOOK_SECONDS", 0.01)


def test_it_looks_again_until_there_is_something_to_tell() -> None:
    answers = iter([0, 0, 7])
    assert long_polling.until(bool, lambda: next(answers), SECONDS) == 7


def test_who_does_not_wait_is_answered_at_once() -> None:
    answers = iter([0, 7])
    assert long_polling.until(bool, lambda: next(answers), 0) == 0


def test_when_its_time_is_over_it_says_what_there_is() -> None:
    assert long_polling.until(bool, lambda: 0, 0.001) == 0


def test_when_too_many_wait_one_more_is_answered_at_once() -> None:
    has_ended = Event()
    with ExitStack() as stack:
        for _ in range(long_polling.MAX_WAITING):
            stack.enter_context(somebody_waits(has_ended))
        assert long_polling.until(bool, lambda: 0, SECONDS) == 0


def test_a_place_is_free_again_also_after_an_error() -> None:
    def gone() -> bool:
        raise LookupError

    for _ in range(long_polling.MAX_WAITING + 1):
        answers = iter([lambda: False, gone])
        with pytest.raises(LookupError):
            long_polling.until(bool, lambda answers=answers: next(answers)(), SECONDS)  # type: ignore[misc]


def test_half_of_webs_threads_wait_for_nothing() -> None:
    assert long_polling.MAX_WAITING + concurrency.MAX_PLACES <= settings.WEB_THREADS / 2
