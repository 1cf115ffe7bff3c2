"""What Python says of a script that nobody has run."""

from __future__ import annotations

import pytest

from scheduling.engine.script_check import Problem, errors, problems


def test_a_sound_script_has_no_problem() -> None:
    assert list(problems("result = 1\n")) == []


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
    assert list(errors(script)) == []


@pytest.mark.parametrize("script", ["x = 'a\0b'", "(" * 5000])
def test_what_python_cannot_read_at_all_is_an_error(script: str) -> None:
    [problem] = problems(script)
    assert problem.severity == "error"


def test_nothing_is_executed() -> None:
    assert list(problems("raise SystemExit\n1 / 0")) == []


def test_half_a_character_is_told_of_the_whole_script() -> None:
    [problem] = problems("x = '\ud800'")
    assert problem == Problem(0, 0, "error", problem.message)
