"""Log lines as JSON, each with the trace it belongs to."""

from __future__ import annotations

import json
import logging
import sys
import threading
from typing import Any

import pytest
from django.test import Client

from common.logs import HEADER, JsonLines, RefusalsInOneLine, TextLines, tracing

KEY = "app-0123456789abcdefghij"


def line(message: str = "Hello %s", *arguments: object, **extra: Any) -> dict[str, str]:
    record = logging.getLogger("ours").makeRecord(
        "ours", logging.INFO, "f", 1, message, arguments, None, extra=extra or None
    )
    read: dict[str, str] = json.loads(JsonLines().format(record))
    return read


def test_a_line_is_one_object() -> None:
    found = line("多行\n%s", "text")
    assert found.pop("at").endswith("+00:00")
    assert found == {"level": "INFO", "logger": "ours", "message": "多行\ntext"}


def test_an_exception_stands_in_its_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord("ours", logging.ERROR, "f", 1, "It failed", (), info)
    assert "ValueError: broken" in json.loads(JsonLines().format(record))["error"]


@pytest.mark.parametrize("lines", [TextLines("%(message)s"), JsonLines()])
def test_a_line_is_masked_with_what_was_filled_in_and_with_its_traceback(lines: logging.Formatter) -> None:
    try:
        raise ValueError(f"refused {KEY}")
    except ValueError:
        info = sys.exc_info()
    logged = lines.format(logging.LogRecord("x", logging.ERROR, "f", 1, "asked %s", (KEY,), info))
    assert "asked app-***ghij" in logged
    assert "ValueError: refused app-***ghij" in logged
    assert KEY not in logged


def test_what_is_logged_inside_a_trace_names_it_and_nothing_outside_does() -> None:
    with tracing("abc"):
        with tracing("inner"):
            assert line()["trace_id"] == "inner"
        assert line()["trace_id"] == "abc"
        elsewhere: list[dict[str, str]] = []
        thread = threading.Thread(target=lambda: elsewhere.append(line()))
        thread.start()
        thread.join()
    assert "trace_id" not in elsewhere[0]
    assert "trace_id" not in line()


def test_celerys_own_words_of_a_run_name_it() -> None:
    assert line("received", data={"id": "abc"})["trace_id"] == "abc"


@pytest.mark.parametrize(
    ("given", "kept"), [("from-a-proxy.1", True), ("two words", False), ("x" * 65, False)]
)
def test_a_request_has_its_callers_id_where_that_is_harmless(given: str, kept: bool) -> None:
    answer = Client().get("/healthz", headers={HEADER: given})
    assert (answer[HEADER] == given) == kept
    assert len(answer[HEADER]) <= 64


def test_each_request_has_an_id_of_its_own() -> None:
    client = Client()
    assert client.get("/healthz")[HEADER] != client.get("/healthz")[HEADER]


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_a_line_of_the_log_commands_no_terminal(lines: logging.Formatter) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "task %s", ("\x1b[2J\x9b31m\u202e",), None)
    assert lines.format(record).isprintable()


def test_a_refusal_is_one_line_without_the_trace_of_what_meant_it() -> None:
    """Whatever the level: Django calls a wrong host name an error."""
    try:
        raise PermissionError
    except PermissionError:
        info = sys.exc_info()
    records = [logging.LogRecord("x", logging.ERROR, "f", 1, "/x", (), info) for _ in range(3)]
    refused, failed, ours = records
    refused.status_code, failed.status_code = 400, 500
    assert all(RefusalsInOneLine().filter(record) for record in records)
    assert (refused.exc_info, failed.exc_info, ours.exc_info) == (None, info, info)


def test_every_line_of_the_log_comes_by_there() -> None:
    filters = [one for handler in logging.getLogger().handlers for one in handler.filters]
    assert any(isinstance(one, RefusalsInOneLine) for one in filters)
