"""The files that keep the figures, and the table of them: `python -m bench.report` prints the latest ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from bench.row import Row

RESULTS = Path(__file__).parent / "results"
HEAD = ("measure", "figure", "must", "goal", "", "yardsticks of the same run")


def keep(name: str, rows: Sequence[Row], about: Mapping[str, Any], folder: Path = RESULTS) -> None:
    """Write a measure's rows to its file, with `about`: machine, versions, yardsticks and time.

    The file is published: it must contain no name of a host and no path.
    """
    kept = {"measure": name, **about, "rows": [asdict(row) | {"verdict": row.verdict} for row in rows]}
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def kept(folder: Path = RESULTS) -> list[Row]:
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    names = {field.name for field in fields(Row)}
    return [
        Row(**{name: value for name, value in row.items() if name in names})
        for one in found
        for row in one["rows"]
    ]


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


if __name__ == "__main__":
    print(table(kept()))
