"""What Python says of a script that nobody has run."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from sandbox.host.jobs import Jobs
from scheduling.kinds.script import check
from scheduling.kinds.script.check import Problem
from scheduling.tests.hostile import nested_returns


def problems(script: str) -> list[Problem]:
    with override("en"):
        return list(check.problems(script, "acme"))


def test_a_sound_script_has_no_problem() -> None:
    assert problems("result = 1\n") == []


def test_an_error_is_told_with_its_line_and_column() -> None:
    [problem] = problems("fine = 1\nwrong = = 2")
    assert (problem.line, problem.column, problem.severity) == (2, 9, "error")
    assert problem.message == "invalid syntax"


def test_columns_count_characters_not_bytes() -> None:
    [problem] = problems("名字 = = 2")
    assert problem.column == 6


def test_what_is_hardly_meant_is_a_warning_and_no_error() -> None:
    script = "if 1 is 1:\n    pass\n"
    [problem] = problems(script)
    assert (problem.line, problem.severity) == (1, "warning")
    assert '"is" with' in problem.message
    assert list(check.errors(script, "", "acme")) == []


HIDDEN = "def main():\n    result = {'a': 1}\nmain()"


def test_a_result_inside_a_function_alone_is_a_warning() -> None:
    [problem] = problems(f"import json\n{HIDDEN}")
    assert (problem.line, problem.severity) == (2, "warning")
    assert "`result = main()`" in problem.message


@pytest.mark.parametrize(
    "script",
    [
        f"{HIDDEN}\nresult = main()",
        f"{HIDDEN}\nif True:\n    for result in [1]: pass",
        f"{HIDDEN}\nfrom json import loads as result",
        "def main():\n    global result\n    result = 1",
        f"{HIDDEN}\nnotify('done')",
        f"{HIDDEN}\nglobals()['result'] = 1",
        "print(1)",
    ],
)
def test_a_result_that_counts_or_is_not_meant_is_no_warning(script: str) -> None:
    assert problems(script) == []


@pytest.mark.parametrize("script", ["\ufeffresult = 1", "\ufeff# /// script\n# ///\r\nresult = 1\r\n"])
def test_a_byte_order_mark_is_no_error(script: str) -> None:
    assert problems(script) == []


@pytest.mark.parametrize("script", ["x = 'a\0b'", "(" * 5000])
def test_what_python_cannot_read_at_all_is_an_error(script: str) -> None:
    [problem] = problems(script)
    assert problem.severity == "error"


def test_nothing_is_executed() -> None:
    assert problems("raise SystemExit\n1 / 0") == []


def test_half_a_character_is_told_of_the_whole_script() -> None:
    [problem] = problems("x = '\ud800'")
    assert problem == Problem(0, 0, "error", problem.message)


@pytest.mark.parametrize("levels", [12, 14, 18])
def test_a_script_that_takes_all_memory_to_compile_is_told_so(levels: int) -> None:
    [problem] = problems(nested_returns(levels))
    assert (problem.line, problem.severity) == (0, "error")
    assert "256 MiB" in problem.message


def test_a_script_that_takes_all_time_to_compile_is_told_so() -> None:
    [problem] = problems("x = " + " + ".join(["(" * 90 + "1" + ")" * 90] * 5_000))
    assert (problem.line, problem.severity) == (0, "error")


def test_a_longer_script_than_any_may_be_is_told_so() -> None:
    [problem] = problems("#" * (1 << 20) + "\n")
    assert problem.message == "Python can't parse this: The text is longer than 1 MiB."


def test_a_host_that_can_not_check_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with Jobs(python="/nowhere/python") as away:
        monkeypatch.setattr(check, "jobs", lambda: away)
        [problem] = problems("result = 'nobody has looked at this'")
    assert (problem.line, problem.severity) == (0, "error")
    assert "can't be checked right now" in problem.message
