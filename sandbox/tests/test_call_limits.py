"""What a script hands to the platform is limited, each argument and all of a run's: the host holds it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.declarations import FUNCTIONS, KIB, MIB, REQUIRED, Function, Parameter
from sandbox.tests.conftest import Run

_GRANTED = [function for function in FUNCTIONS if function.is_granted]
_EACH = [(function, parameter) for function in _GRANTED for parameter in function.parameters]


def _call(function: Function, large: Parameter, size: int) -> str:
    given = {p.name: "'k'" for p in function.parameters if p.default is REQUIRED}
    text = f"'x' * {size}"
    given[large.name] = f"{{'k': {text}}}" if large.name == "headers" else text
    return f"{function.name}({', '.join(f'{name}={value}' for name, value in given.items())})"


@pytest.mark.parametrize(("function", "parameter"), _EACH, ids=[f"{f.name}.{p.name}" for f, p in _EACH])
def test_an_argument_over_its_limit_is_refused_in_words(
    run: Run, function: Function, parameter: Parameter
) -> None:
    calls: list[Any] = []
    grants = {function.name: lambda **given: calls.append(given)}
    ended = run(_call(function, parameter, parameter.max_bytes + 1), grants=grants)
    assert calls == []
    assert f"ValueError: {function.name}(): {parameter.name} takes " in ended.error
    assert ended.error.endswith(f" bytes; at most {parameter.max_bytes} are allowed")


def test_an_argument_of_just_its_limit_is_taken(run: Run) -> None:
    taken: list[int] = []
    grants = {"set_var": lambda key, value, scope: taken.append(len(value))}
    assert run(f"set_var('k', 'x' * {64 * KIB})", grants=grants).error == ""
    assert taken == [64 * KIB]


@pytest.mark.parametrize("value", ["['中' * 30000]", "{'a': 'x' * 70000}", "b'x' * 70000"])
def test_what_is_no_text_is_measured_too(run: Run, value: str) -> None:
    assert "value takes" in run(f"set_var('k', {value} if 1 else 0)", grants={"set_var": _nothing}).error


def test_an_argument_that_is_nested_too_deeply_is_refused(run: Run) -> None:
    source = "value = []\nfor _ in range(600): value = [value]\nset_var('k', value)"
    assert "set_var(): value is nested deeper than 64" in run(source, grants={"set_var": _nothing}).error


def test_the_arguments_of_one_run_have_a_total(run: Run) -> None:
    taken: list[int] = []
    grants = {"notify": lambda message, channel: taken.append(len(message))}
    ended = run(f"while True: notify('x' * {3 * MIB})", grants=grants)
    assert (ended.error_code, sum(taken)) == ("call_limit", 15 * MIB)
    assert ended.error == "The script passed more than 16 MiB to notify() in all."


def _nothing(**_: Any) -> None:
    return
