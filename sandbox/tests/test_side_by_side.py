"""Calls of one script's threads are attended to side by side, and their replies come in any order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sandbox.host.calls import AT_ONCE, later
from sandbox.host.runner import Limits, Runner, Script
from sandbox.tests.conftest import Run

_PATIENCE = 60
_IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor({threads}) as pool:
    result = list(pool.map(lambda n: str(http_get(f'u{{n}}')), range({calls})))
"""


def _page(text: str) -> dict[str, Any]:
    return {"status_code": 200, "headers": {}, "content": text.encode(), "url": ""}


def test_four_calls_of_four_threads_are_under_way_at_once(run: Run) -> None:
    meeting = threading.Barrier(4, timeout=_PATIENCE)

    def http_request(url: str, **_: Any) -> dict[str, Any]:
        meeting.wait()
        return _page(url)

    ended = run(_IN_THREADS.format(threads=4, calls=4), grants={"http_request": later(http_request)})
    assert (ended.error, ended.result) == ("", ["u0", "u1", "u2", "u3"])


def test_at_most_sixteen_calls_are_under_way_and_the_others_follow(run: Run) -> None:
    meeting, lock = threading.Barrier(AT_ONCE, timeout=_PATIENCE), threading.Lock()
    under_way: set[str] = set()
    most = 0

    def http_request(url: str, **_: Any) -> dict[str, Any]:
        nonlocal most
        with lock:
            under_way.add(url)
            most = max(most, len(under_way))
        meeting.wait()
        with lock:
            under_way.remove(url)
        return _page(url)

    calls = 3 * AT_ONCE
    ended = run(_IN_THREADS.format(threads=40, calls=calls), grants={"http_request": later(http_request)})
    assert (ended.error, ended.result) == ("", [f"u{n}" for n in range(calls)])
    assert most == AT_ONCE


def test_replies_come_in_the_order_in_which_they_are_ready(run: Run) -> None:
    answered = [threading.Event() for _ in range(5)]
    answered[-1].set()

    def http_request(*, url: str, **_: Any) -> dict[str, Any]:
        number = int(url.removeprefix("u"))
        assert answered[number + 1].wait(_PATIENCE)
        return _page(url)

    source = """
import threading
got = []
def call(n):
    got.append(str(http_get(f'u{n}')))
    get_var(str(n))
threads = [threading.Thread(target=call, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
result = got
"""
    grants = {"http_request": later(http_request), "get_var": lambda key, **_: answered[int(key)].set()}
    assert run(source, grants=grants).result == ["u3", "u2", "u1", "u0"]


def test_a_line_is_shown_while_a_call_is_under_way(run: Run) -> None:
    shown = threading.Event()

    def on_line(stream: str, text: str) -> None:
        if text == "meanwhile":
            shown.set()

    source = """
import threading
thread = threading.Thread(target=http_get, args=('u',))
thread.start()
print('meanwhile')
thread.join()
result = 'ended'
"""
    grants = {"http_request": later(lambda **_: _page(str(shown.wait(_PATIENCE))))}
    ended = run(source, grants=grants, on_line=on_line)
    assert (ended.result, shown.is_set()) == ("ended", True)


def _endless() -> tuple[dict[str, Callable[..., Any]], threading.Event]:
    over = threading.Event()
    return {"http_request": later(lambda **_: _page(str(over.wait(_PATIENCE))))}, over


def test_calls_on_every_thread_end_with_the_runs_time(runner: Runner) -> None:
    grants, over = _endless()
    ended = runner.run(
        Script(_IN_THREADS.format(threads=20, calls=20)),
        grants=grants,
        limits=Limits(wall_seconds=1),
        interrupt=over.set,
    )
    assert (ended.error_code, over.is_set()) == ("timeout", True)


def test_a_script_that_ends_leaves_no_call_under_way(runner: Runner) -> None:
    grants, over = _endless()
    source = """
import threading
threading.Thread(target=http_get, args=('u',), daemon=True).start()
get_var('k')
result = 'ended'
"""
    ended = runner.run(Script(source), grants=grants | {"get_var": lambda **_: 1}, interrupt=over.set)
    assert (ended.error, ended.result, over.is_set()) == ("", "ended", True)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox-call")]


def test_an_error_of_a_call_goes_to_the_thread_that_made_it(run: Run) -> None:
    def http_request(url: str, **_: Any) -> dict[str, Any]:
        if url == "u1":
            raise ValueError("not this one")
        return _page(url)

    source = """
from concurrent.futures import ThreadPoolExecutor
def get(n):
    try:
        return str(http_get(f'u{n}'))
    except ValueError as error:
        return str(error)
with ThreadPoolExecutor(4) as pool:
    result = list(pool.map(get, range(4)))
"""
    assert run(source, grants={"http_request": later(http_request)}).result == [
        "u0",
        "not this one",
        "u2",
        "u3",
    ]
