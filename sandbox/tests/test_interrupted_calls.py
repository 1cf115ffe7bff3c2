"""A handler of a signal may raise in the middle of a call, and the script may go on: what then?"""

from __future__ import annotations

import time
from typing import Any

from sandbox.tests.conftest import Run

_LEAVE_A_CALL = """
import signal

class Late(Exception):
    pass

def ring(*_):
    raise Late

signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    get_var('slow')
    left = False
except Late:
    left = True
result = [left, get_var('a'), get_var('b')]
"""
_LEAVE_MANY = """
import signal

class Late(Exception):
    pass

armed = False

def ring(*_):
    global armed
    if armed:
        armed = False
        raise Late

signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
wrong, left = [], 0
for number in range(600):
    value = str(number) + 'x' * 50000
    try:
        armed = True
        got = get_var('k', value)
        armed = False
        if got != value:
            wrong.append((number, got[:20]))
    except Late:
        left += 1
signal.setitimer(signal.ITIMER_REAL, 0)
result = [wrong, left > 0, get_var('last')]
"""


_RING_ON = """
import signal

def ring(*_):
    raise RuntimeError

signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
"""


def _slow_or_echo(key: str, default: Any, **_: Any) -> Any:
    if key == "slow":
        time.sleep(0.5)
    return default or key


def test_the_reply_to_a_call_that_was_left_is_no_answer_to_the_next(run: Run) -> None:
    assert run(_LEAVE_A_CALL, grants={"get_var": _slow_or_echo}).result == [True, "a", "b"]


def test_calls_that_are_left_at_any_step_leave_the_connection_whole(run: Run) -> None:
    ended = run(_LEAVE_MANY, grants={"get_var": _slow_or_echo})
    assert (ended.error, ended.result) == ("", [[], True, "last"])


def test_a_script_that_leaves_its_alarm_ringing_ends_with_its_own_words(run: Run) -> None:
    """It may ring at any step: one in a hundred met a place where nobody caught it."""
    for _ in range(300):
        ended = run(_RING_ON + "while True: pass", grants={})
        assert (ended.error_code, ended.error.splitlines()[-1]) == ("script_error", "RuntimeError")
