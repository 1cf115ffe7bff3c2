"""The sandbox by itself: a script with one SDK call and a template, in turn with a bare Python that does nothing."""

from __future__ import annotations

import multiprocessing
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from bench.row import Row, percentile, summary
from sandbox.host.jobs import Jobs
from sandbox.host.runner import Runner, Script
from sandbox.host.zygote import default_python

TINY = {"rounds": 3, "at_a_time": 3}
SCRIPT = Script("result = get_var('n') + 1")
BARE = [default_python(), "-I", "-S", "-c", "pass"]
AT_A_TIME = 2
TEMPLATE = "{{ title }}\n{% for row in rows %}| {{ row.name }} | {{ row.value|tojson }} |\n{% endfor %}"
VALUES = {"title": "日报", "rows": [{"name": f"row {n}", "value": n} for n in range(20)]}
THREADS, TENANTS = 32, 10  # as an io worker has them


def measure(rounds: int = 500, at_a_time: int = 1500) -> list[Row]:
    return [*_in_turn(rounds), _many(at_a_time), _template(rounds), _templates(2 * rounds)]


def _in_turn(rounds: int) -> list[Row]:
    with Runner() as runner:
        run_script(runner)
        jailed, bare = [], []
        for _ in range(rounds):
            jailed.append(milliseconds(lambda: run_script(runner)))
            bare.append(milliseconds(run_bare))
        details = {"level": str(runner.level()), "script_ms": summary(jailed), "bare_ms": summary(bare)}
    usual = percentile(bare, 50)
    return [
        Row(
            f"script with one SDK call, sandbox alone: p{percent}",
            percentile(jailed, percent),
            "ms",
            goal=allowed_share * usual,
            yardsticks={f"python -I -S -c pass, p{percent}": percentile(bare, percent)},
            details=details,
        )
        for percent, allowed_share in ((50, 0.7), (99, 1.5))
    ]


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def run_script(runner: Runner) -> None:
    result = runner.run(SCRIPT, grants={"get_var": lambda **_: 1})
    if result.result != 2:
        raise RuntimeError(result.error)


def run_bare() -> None:
    subprocess.run(BARE, check=True)


def _many(count: int) -> Row:
    what = f"scripts a second, sandbox alone, {AT_A_TIME} at a time"
    bare = {"subprocess of python -I -S -c pass": _rate(_bare, count // 3)}
    return Row(what, _rate(_scripts, count), "/s", 300, 400, more_is_better=True, yardsticks=bare)


def _rate(loop: Callable[[int], tuple[float, float]], count: int) -> float:
    """Return the rounds per second of AT_A_TIME processes that run `loop`, each beginning as soon as it is ready."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(AT_A_TIME, spawn) as pool:
        spans = list(pool.map(loop, [count] * AT_A_TIME))
    began, ended = min(span[0] for span in spans), max(span[1] for span in spans)
    return AT_A_TIME * count / (ended - began)


def _scripts(count: int) -> tuple[float, float]:
    """Run `count` scripts; return when they began and ended, by a clock that all processes share."""
    with Runner() as runner:
        run_script(runner)
        return _span(lambda: run_script(runner), count)


def _bare(count: int) -> tuple[float, float]:
    return _span(run_bare, count)


def _span(act: Callable[[], None], count: int) -> tuple[float, float]:
    began = time.monotonic()
    for _ in range(count):
        act()
    return began, time.monotonic()


def _template(rounds: int) -> Row:
    with Jobs() as jobs:
        jobs.render(TEMPLATE, VALUES)
        rendered, bare = [], []
        for _ in range(rounds):
            rendered.append(milliseconds(lambda: jobs.render(TEMPLATE, VALUES)))
            bare.append(milliseconds(run_bare))
    yardsticks = {"python -I -S -c pass, p50": percentile(bare, 50)}
    details = {"template_ms": summary(rendered), "bare_ms": summary(bare)}
    figure = percentile(rendered, 50)
    return Row(
        "template rendered in the sandbox: p50", figure, "ms", 10, yardsticks=yardsticks, details=details
    )


def _templates(count: int) -> Row:
    with Jobs() as jobs, ThreadPoolExecutor(THREADS) as pool:
        jobs.render(TEMPLATE, VALUES)
        began = time.monotonic()
        list(pool.map(lambda n: jobs.render(TEMPLATE, VALUES, f"tenant {n % TENANTS}"), range(count)))
        figure = count / (time.monotonic() - began)
    what = f"templates a second, {THREADS} threads of one process, {TENANTS} tenants"
    return Row(what, figure, "/s", 100, more_is_better=True)
