"""Every code that the product ends a run with is in the table, with what becomes of a run that ends with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduling.execution import failed
from scheduling.lifecycle import transitions
from scheduling.lifecycle.error_codes import NO_FAILURE, RETRYABLE
from scheduling.models import RunStatus
from scheduling.tests import make
from scheduling.tests.make import NOW, claimed, state

ROOT = Path(__file__).parents[3]
ENDINGS = {"failed", "_failed", "Verdict"}  # calls whose first argument is a code
OF_TRIALS = {"no_worker"}  # which are no runs


def sources() -> Iterator[ast.Module]:
    for room in ("scheduling", "sandbox"):
        for path in (ROOT / room).rglob("*.py"):
            if not {"tests", "migrations"} & set(path.parts) and path.name != "error_codes.py":
                yield ast.parse(path.read_text())


def texts_in(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value


def codes() -> Iterator[str]:
    """Yield what is given as a code by a call, a keyword or a class attribute."""
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in ENDINGS and node.args:
                    yield from texts_in(node.args[0])
                for keyword in node.keywords:
                    yield from texts_in(keyword.value) if keyword.arg == "error_code" else ()
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "error_code":
                yield from texts_in(node.value)


def test_no_run_ends_with_a_code_that_the_table_lacks() -> None:
    found = set(codes()) - OF_TRIALS
    assert {"timeout", "http_status", "dify_rate", "memory_limit", "sandbox_lost", "config_error"} <= found
    assert found - set(RETRYABLE) == set()


def test_no_code_of_the_table_is_one_that_nothing_ends_with() -> None:
    written = {text for tree in sources() for node in ast.walk(tree) for text in texts_in(node)}  # type: ignore[arg-type]
    assert set(RETRYABLE) - written == set()


def test_what_is_no_failure_is_in_the_table_and_never_repeated() -> None:
    assert {code: RETRYABLE[code] for code in NO_FAILURE} == dict.fromkeys(NO_FAILURE, False)
    assert RunStatus.FAILED not in NO_FAILURE.values()


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(set(RETRYABLE) - set(NO_FAILURE) - {"worker_lost"}))
def test_a_task_with_retries_repeats_what_the_table_says_could_get_better(code: str) -> None:
    run = claimed(make.run(make.task(retry_count=1, retry_interval=0)))
    transitions.finish(run, failed(code, "It broke."), NOW)
    assert state(run) == ("queued" if RETRYABLE[code] else "failed", code, 1)


@pytest.mark.parametrize(
    ("code", "status"), [("overlap", "skipped"), ("misfire", "missed"), ("disabled", "skipped")]
)
def test_a_due_time_that_did_not_run_has_the_status_of_its_reason(code: str, status: str) -> None:
    assert NO_FAILURE[code] == status
