"""A handler of a signal may raise in the middle of a call, and the script may go on: what then?"""

from __future__ import annotations

import time
from typing import Any

from sandbox.host.limits import Limits
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
_LEAVE_WHILE_OTHERS_CALL = """
import signal
import threading

class Late(Exception):
    pass

armed, wrong, left, over = False, [], 0, threading.Event()

def ring(*_):
    global armed
    if armed:
        armed = False
        raise Late

def call_on(name):
    for number in range(150):
        value = f'{name}-{number}' + 'x' * 20000
        if get_var('k', value) != value:
            wrong.append(value[:10])

threads = [threading.Thread(target=call_on, args=(name,)) for name in 'abcd']
for thread in threads:
    thread.start()
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
while any(thread.is_alive() for thread in threads) or not left:
    try:
        armed = True
        get_var('k', 'main')
        armed = False
    except Late:
        left += 1
signal.setitimer(signal.ITIMER_REAL, 0)
result = [wrong, left > 0, get_var('last')]
"""
_LEAVE_A_LARGE_CALL = """
import signal

class Late(Exception):
    pass

def ring(*_):
    raise Late

signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    get_var('slow', 'x' * 60000)
except Late:
    pass
print(('y' * 99 + chr(10)) * 9000)
result = get_var('a')
"""
_LEAVE_ALL_AND_PRINT = """
import signal

class Late(Exception):
    pass

def ring(*_):
    raise Late

signal.signal(signal.SIGALRM, ring)
left_in_a_row = 0
while left_in_a_row < 3:
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        get_var('slow', 'x' * 60000)
        left_in_a_row = 0
    except Late:
        left_in_a_row += 1
print(('y' * 99 + chr(10)) * 9000)
result = 'ended'
"""
_CALL_IN_A_HANDLER = """
import signal

def ring(*_):
    got.append(get_var('b'))

got = []
signal.signal(signal.SIGALRM, ring)
while not got:
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    answer = get_var('slow')
    signal.setitimer(signal.ITIMER_REAL, 0)
result = [answer, got]
"""
_CALL_IN_A_HANDLER_AT_ANY_STEP = """
import signal

def ring(*_):
    answered.append(get_var('k', 'in the handler'))
    print('rung')

answered, wrong = [], []
signal.signal(signal.SIGALRM, ring)
for number in range(1000):
    signal.setitimer(signal.ITIMER_REAL, 0.00002 + number % 100 * 0.00001)
    value = str(number) + 'x' * 50000
    if get_var('k', value) != value:
        wrong.append(number)
signal.setitimer(signal.ITIMER_REAL, 0)
result = [wrong, list({*answered})]
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


def test_calls_that_the_main_thread_leaves_do_not_mislead_the_other_threads(run: Run) -> None:
    ended = run(_LEAVE_WHILE_OTHERS_CALL, grants={"get_var": _slow_or_echo}, limits=Limits(calls=100_000))
    assert (ended.error, ended.result) == ("", [[], True, "last"])


def test_a_reply_that_nobody_reads_yet_holds_up_nothing_that_the_script_sends(run: Run) -> None:
    """Both sides would wait for each other, if the host read nothing while it has something to send."""

    def grant(key: str, default: Any, **_: Any) -> Any:
        return 100 * _slow_or_echo(key, default)

    ended = run(_LEAVE_A_LARGE_CALL, grants={"get_var": grant}, limits=Limits(wall_seconds=60))
    assert (ended.error, ended.result) == ("", 100 * "a")


def test_replies_that_nobody_reads_any_more_hold_up_no_script_that_only_prints_on(run: Run) -> None:
    """The host reads nothing while too much waits to be read by the script, which read only while it made a call."""

    def grant(key: str, default: Any, **_: Any) -> Any:
        return 10 * _slow_or_echo(key, default)

    limits = Limits(wall_seconds=60, frame_bytes=700_000)
    ended = run(_LEAVE_ALL_AND_PRINT, grants={"get_var": grant}, limits=limits)
    assert (ended.error, ended.result) == ("", "ended")


def test_a_handler_may_make_a_call_while_the_one_that_it_interrupts_waits(run: Run) -> None:
    ended = run(_CALL_IN_A_HANDLER, grants={"get_var": _slow_or_echo}, limits=Limits(wall_seconds=60))
    assert (ended.error, ended.result) == ("", ["slow", ["b"]])


def test_a_handler_may_call_and_print_at_any_step_of_a_call(run: Run, lines: list[tuple[str, str]]) -> None:
    ended = run(_CALL_IN_A_HANDLER_AT_ANY_STEP, grants={"get_var": _slow_or_echo})
    assert (ended.error, ended.result) == ("", [[], ["in the handler"]])
    assert {*lines} == {("stdout", "rung")}


def test_a_script_that_leaves_its_alarm_ringing_ends_with_its_own_words(run: Run) -> None:
    """It may ring at any step: one in a hundred met a place where nobody caught it."""
    for _ in range(300):
        ended = run(_RING_ON + "while True: pass", grants={})
        assert (ended.error_code, ended.error.splitlines()[-1]) == ("script_error", "RuntimeError")
