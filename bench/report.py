"""Where figures are kept, and the table at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.row import Row

RESULTS = Path(__file__).parent / "results"
HEAD = ("measure", "figure", "must", "goal", "", "yardsticks of the same run")


def keep(name: str, rows: Sequence[Row], about: Mapping[str, Any], folder: Path = RESULTS) -> None:
    """`about`: machine, versions, yardsticks and when. No name of a host or a path: the file is published."""
    kept = {"measure": name, **about, "rows": [asdict(row) | {"verdict": row.verdict} for row in rows]}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def table(rows: Iterable[Row]) -> str:
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    yardsticks = "; ".join(f"{name} {_number(figure, row.unit)}" for name, figure in row.yardsticks.items())
    marks = (_number(mark, row.unit) if mark is not None else "" for mark in (row.must, row.goal))
    return (row.what, _number(row.figure, row.unit), *marks, row.verdict, yardsticks)


def _number(figure: float, unit: str) -> str:
    return f"{figure:,.0f} {unit}" if figure >= 100 else f"{figure:.3g} {unit}"
