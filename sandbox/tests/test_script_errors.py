"""What a script's author reads when it fails."""

from __future__ import annotations

import pytest

from sandbox.host.runner import Limits
from sandbox.tests.conftest import Run


def test_a_traceback_shows_the_scripts_own_lines_and_nothing_else(run: Run) -> None:
    result = run("def half(n):\n    return 1 / n\n\nhalf(0)\n")
    assert (result.status, result.error_code) == ("failed", "script_error")
    assert result.error == (
        "Traceback (most recent call last):\n"
        '  File "script.py", line 4, in <module>\n'
        "    half(0)\n"
        '  File "script.py", line 2, in half\n'
        "    return 1 / n\n"
        "           ~~^~~\n"
        "ZeroDivisionError: division by zero"
    )


def test_frames_of_the_standard_library_are_left_out(run: Run) -> None:
    error = run("import json\njson.loads('{')").error
    assert "line 2" in error
    assert "decoder.py" not in error
    assert "JSONDecodeError" in error


def test_causes_are_shown(run: Run) -> None:
    error = run("try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('b') from error").error
    assert "KeyError: 'a'" in error
    assert "direct cause" in error
    assert error.endswith("ValueError: b")


def test_a_syntax_error_has_line_and_column(run: Run) -> None:
    result = run("a = 1\nb = = 2\n")
    assert result.error_code == "syntax_error"
    assert result.error.startswith("line 2, column 5: invalid syntax")
    assert "b = = 2" in result.error


@pytest.mark.parametrize("source", ["a\0b", "'\ud800'", "(" * 300, "-" * 100_000 + "1"])
def test_what_can_not_be_compiled_is_a_syntax_error(run: Run, source: str) -> None:
    assert run(source).error_code in ("syntax_error", "memory_limit")


def test_a_missing_package_says_how_to_get_it(run: Run) -> None:
    error = run("import numpy.linalg").error
    assert "'numpy' is not installed" in error
    assert "script_deps" in error
    assert "http_get" not in error


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("bs4", "Name the package that provides it, beautifulsoup4, in the task's dependencies"),
        (
            "some_module",
            "Name the package that provides it in the task's dependencies (script_deps); its name may differ",
        ),
    ],
)
def test_a_modules_name_is_never_taken_for_a_packages(run: Run, module: str, words: str) -> None:
    assert words in run(f"import {module}").error


def test_the_module_of_another_product_is_answered_with_the_function(run: Run) -> None:
    error = run("from notify import send").error
    assert "send(title, content) is notify({'title': title, 'content': content}) here" in error
    assert "script_deps" not in error


def test_a_script_with_a_result_in_a_function_alone_is_told_so(
    run: Run, lines: list[tuple[str, str]]
) -> None:
    note = (
        "system",
        "the script sets `result` in a function but not at its top level: nothing is sent as its result. Return the "
        "value, and write for example `result = main()` at the end",
    )
    run("def main():\n    result = {'a': 1}\nmain()")
    run("def main():\n    return [result for result in 'a']\nresult = main()")
    run("print(1)")
    assert lines == [note, ("stdout", "1")]


def test_a_missing_http_package_names_the_way_to_the_network(run: Run) -> None:
    error = run("import requests").error
    assert "script_deps" in error
    assert "http_get()" in error


def test_a_refused_socket_names_the_way_to_the_network(run: Run) -> None:
    assert "http_get()" in run("import socket\nsocket.create_connection(('127.0.0.1', 80))").error


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("{'when': datetime.now()}", "result['when'] is a datetime"),
        ("{'rows': [1, {'x': {1}}]}", "result['rows'][1]['x'] is a set"),
        ("[1.0, float('nan')]", "result[1] is nan"),
        ("{'a': {(1, 2): 3}}", "result['a'] has a key of type tuple"),
        ("['\\ud800']", "result[0] holds half of a surrogate pair"),
        ("print", "result is a builtin_function_or_method"),
    ],
)
def test_a_result_that_is_not_json_is_named_by_its_place(run: Run, value: str, place: str) -> None:
    result = run(f"result = {value}")
    assert result.error_code == "result_limit"
    assert place in result.error


def test_a_result_that_contains_itself_is_refused(run: Run) -> None:
    result = run("result = []\nresult.append(result)")
    assert (result.error_code, "contains itself" in result.error) == ("result_limit", True)


def test_a_large_result_is_refused_with_its_size(run: Run) -> None:
    result = run("result = '中' * 100", limits=Limits(result_bytes=300))
    assert (result.error_code, result.error) == (
        "result_limit",
        "result takes 302 bytes as JSON; at most 300 are allowed",
    )


def test_a_script_may_leave_early(run: Run) -> None:
    result = run("import sys\nresult = 1\nsys.exit()\nresult = 2")
    assert (result.status, result.result) == ("success", 1)


@pytest.mark.parametrize(("code", "reason"), [("'no data'", "no data"), ("3", "exit code 3"), ("[]", "[]")])
def test_leaving_with_a_code_is_a_failure(run: Run, code: str, reason: str) -> None:
    result = run(f"import sys\nsys.exit({code})")
    assert (result.error_code, result.error) == ("script_error", f"The script ended itself: {reason}")


def test_an_endless_message_is_cut(run: Run) -> None:
    error = run("raise ValueError('x' * 1_000_000)").error
    assert len(error) < 70_000
    assert error.startswith("Traceback")


def test_a_full_disk_is_its_own_error(run: Run) -> None:
    result = run("open('f', 'wb').write(b'x' * (3 << 20))", limits=Limits(disk_mb=1, wall_seconds=60))
    assert result.error_code == "disk_limit"


def test_memory_is_its_own_error(run: Run) -> None:
    result = run("x = bytearray(4 << 30)", limits=Limits(memory_mb=128, wall_seconds=60))
    assert result.error_code == "memory_limit"
