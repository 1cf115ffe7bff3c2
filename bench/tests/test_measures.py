"""Every measure runs, in a size that a test can afford. No figure is judged here."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import report
from bench.machine import machine, versions
from bench.measures import MEASURES
from bench.row import Row


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_brings_figures_that_can_be_kept(name: str, tmp_path: Path) -> None:
    rows = MEASURES[name].measure(**MEASURES[name].TINY)
    assert rows
    assert all(row.figure >= 0 for row in rows)
    about = {"machine": machine(), "versions": versions()}
    report.keep(name, rows, about, tmp_path)
    assert report.table(report.kept(tmp_path)) == report.table(rows)


def test_the_table_shows_a_figure_beside_its_marks_and_yardsticks() -> None:
    head, line = report.table([Row("start", 0.5, "s", 2, 1, yardsticks={"stock": 43})]).splitlines()
    assert head.startswith("measure")
    assert line.split() == ["start", "0.5", "s", "2", "s", "1", "s", "goal", "stock", "43", "s"]


def test_a_figure_is_judged_by_the_way_that_is_better() -> None:
    assert Row("seconds", 2, "s", must=3, goal=1.5).verdict == "ok"
    assert Row("seconds", 4, "s", must=3, goal=1.5).verdict == "missed"
    assert Row("runs", 700, "/s", must=300, goal=600, more_is_better=True).verdict == "goal"
    assert Row("anything", 1, "s").verdict == ""
