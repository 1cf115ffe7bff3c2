"""Which errors are the same fault: those that differ only by ids, times, addresses and numbers."""

from __future__ import annotations

import pytest

from scheduling.lifecycle.fingerprints import MAX_PLACE, fingerprint, place


def raised(line: int, source: str, error: str, function: str = "load") -> str:
    """A traceback as a run shows it."""
    return (
        f'Traceback (most recent call last):\n  File "script.py", line {line + 9}, in <module>\n    main()\n'
        f'  File "script.py", line {line}, in {function}\n    {source}\n{error}'
    )


NUMBERS = "int(row['amount'])"
CHAINED = (
    raised(3, "1 / 0", "ZeroDivisionError: division by zero")
    + "\n\nThe above exception was the direct cause of the following exception:\n\n"
)
DIFY = "Dify refused the API key: HTTP 401: "
SAME: dict[str, tuple[str, str, str]] = {
    "another line and another value": (
        "script_error",
        raised(12, NUMBERS, "ValueError: invalid literal for int() with base 10: 'n/a'"),
        raised(14, NUMBERS, "ValueError: invalid literal for int() with base 10: '--'"),
    ),
    "a key that is an id": (
        "script_error",
        raised(4, "shops[shop]", "KeyError: 'shop-0017'"),
        raised(4, "shops[shop]", "KeyError: 'shop-0923'"),
    ),
    "an exception with marks under the source line": (
        "script_error",
        raised(4, "a[b] + 1\n           ~^^^", "KeyError: 7"),
        raised(8, "a[b] + 1\n           ~^^^", "KeyError: 8"),
    ),
    "another cause of the same exception": (
        "script_error",
        CHAINED + raised(9, "raise ReportError(day) from error", "ReportError: 2026-11-30"),
        raised(9, "raise ReportError(day) from error", "ReportError: 2026-12-01"),
    ),
    "the answer behind a status": (
        "http_status",
        "The webhook answered HTTP 502: <html>request 8f14e45f, 10.0.3.7</html>",
        "The webhook answered HTTP 502: upstream timed out at 03:14:15",
    ),
    "a status that requests has raised": (
        "script_error",
        raised(
            5, "answer.raise_for_status()", "HTTPError: 503 Server Error: Busy for url: https://a.cn/?id=1"
        ),
        raised(
            5, "answer.raise_for_status()", "HTTPError: 503 Server Error: Down for url: https://a.cn/?id=2"
        ),
    ),
    "an address and a port": (
        "connect_error",
        "Cannot connect to 10.1.4.22:8080: connection refused",
        "Cannot connect to 10.1.4.96:31080: connection refused",
    ),
    "an address of six groups": (
        "connect_error",
        "Cannot connect to [2001:db8::17]:443: timed out",
        "Cannot connect to [2001:db8:0:3::1a]:443: timed out",
    ),
    "a URL": (
        "connect_error",
        "https://example.com/orders?day=2026-11-30&sign=9f86d081 did not answer",
        "https://example.com/orders?day=2026-12-01&sign=60303ae2 did not answer",
    ),
    "a UUID and a time": (
        "dify_failed",
        "Node 0d6c2f4e-1c59-4a7e-9c61-0f5d9a1b2c3d failed at 2026-11-30T08:00:00+08:00",
        "Node 9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d failed at 2026-12-01 08:00:03.512",
    ),
    "the numbers of a quota": (
        "dify_failed",
        "Rate limit reached for requests: limit 30,000, used 29,481. Try again in 1.2 s.",
        "Rate limit reached for requests: limit 30,000, used 30,000. Try again in 37 s.",
    ),
    "a request's id": (
        "dify_auth",
        f"{DIFY}Access token is invalid (request id: 20261130-xK3f9q)",
        f"{DIFY}Access token is invalid (request id: 20261201-Zb71mm)",
    ),
    "somebody's address": (
        "internal_error",
        "Mailbox of li.lei@example.com is full",
        "Mailbox of han+shop@mail.example.com is full",
    ),
    "memory that was at another place": (
        "script_error",
        "TypeError: <Order object at 0x7f3a5c1d2e80> is not serializable",
        "TypeError: <Order object at 0x7f91bb04c1f0> is not serializable",
    ),
    "another worker": (
        "worker_lost",
        "The worker script1@node-a:2613 was lost, or lost its database, during attempt 1.",
        "The worker script2@node-b:88 was lost, or lost its database, during attempt 3.",
    ),
    "the seconds of a time limit": (
        "timeout",
        "The script was ended after 60.0 s.",
        "The script was ended after 61.4 s.",
    ),
}
OTHER: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "another source line": (
        ("script_error", raised(12, NUMBERS, "ValueError: x")),
        ("script_error", raised(13, "float(row['price'])", "ValueError: x")),
    ),
    "another function": (
        ("script_error", raised(12, NUMBERS, "ValueError: x", "load")),
        ("script_error", raised(12, NUMBERS, "ValueError: x", "store")),
    ),
    "another exception": (
        ("script_error", raised(12, NUMBERS, "ValueError: x")),
        ("script_error", raised(12, NUMBERS, "KeyError: 'amount'")),
    ),
    "another status": (
        ("http_status", "The webhook answered HTTP 502: busy"),
        ("http_status", "The webhook answered HTTP 404: busy"),
    ),
    "another status that requests has raised": (
        ("script_error", raised(5, "answer.raise_for_status()", "HTTPError: 503 Server Error: Busy")),
        ("script_error", raised(5, "answer.raise_for_status()", "HTTPError: 404 Client Error: None")),
    ),
    "another code": (("timeout", "Too late."), ("connect_error", "Too late.")),
    "another sentence": (
        ("dify_failed", "The model is overloaded."),
        ("dify_failed", "The knowledge base is gone."),
    ),
}


@pytest.mark.parametrize(("error_code", "one", "other"), SAME.values(), ids=SAME)
def test_the_same_fault_has_one_fingerprint(error_code: str, one: str, other: str) -> None:
    assert one != other
    assert place(error_code, one) == place(error_code, other)
    assert fingerprint(7, error_code, one) == fingerprint(7, error_code, other)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_another_fault_has_another_fingerprint(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert fingerprint(7, *one) != fingerprint(7, *other)


def test_another_tasks_fault_is_another_one() -> None:
    assert fingerprint(7, "timeout", "Too late.") != fingerprint(8, "timeout", "Too late.")


@pytest.mark.parametrize(
    ("error_code", "error", "words"),
    [
        ("script_error", raised(12, NUMBERS, "ValueError: x"), f"ValueError · load · {NUMBERS}"),
        ("http_status", "The webhook answered HTTP 502: busy", "The webhook answered HTTP 502"),
        (
            "connect_error",
            "Cannot connect to 10.1.4.22:8080: refused",
            "Cannot connect to <address>: refused",
        ),
        ("worker_lost", "The worker a:1 was lost.", ""),
        ("canceled", "", ""),
        ("script_error", "Traceback (most recent call last):\nValueError", "ValueError"),
    ],
)
def test_the_place_reads_well(error_code: str, error: str, words: str) -> None:
    assert place(error_code, error) == words


@pytest.mark.parametrize("piece", ["a1", "1:", "\n", "x@", "-1", "File "])
def test_a_long_error_has_a_short_place(piece: str) -> None:
    text = piece * 500_000
    assert len(place("script_error", text)) <= MAX_PLACE
    assert len(place("script_error", f"Traceback (most recent call last):\n{text}")) <= MAX_PLACE
