"""A run's lines in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from platform_site.management.live_lines import LiveLines, bar

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: StringIO) -> str:
    live = LiveLines(OutputWrapper(out))
    for stream, text in (("log", "begun"), ("system", "1 / 4"), ("system", "2 / 4"), ("stdout", "3 / 4")):
        live.show(NOON, stream, text)
    live.leave_bar()
    return out.getvalue()


def test_a_terminal_shows_progress_as_one_bar_that_grows() -> None:
    lines = shown(Terminal()).split("\n")
    assert lines[1] == f"\r{bar(1, 4)}\r{bar(2, 4)}"
    assert lines[2].endswith("stdout 3 / 4")


def test_a_file_gets_every_line() -> None:
    assert [line.split()[1:] for line in shown(StringIO()).splitlines()] == [
        ["log", "begun"],
        ["system", "1", "/", "4"],
        ["system", "2", "/", "4"],
        ["stdout", "3", "/", "4"],
    ]


@pytest.mark.parametrize(
    ("done", "total", "full"), [(0, 4, 0), (2, 4, 15), (4, 4, 30), (9, 4, 30), (0, 0, 30)]
)
def test_a_bar_is_never_longer_than_itself(done: float, total: float, full: int) -> None:
    assert bar(done, total).count("#") == full


def test_no_line_commands_the_terminal_or_looks_like_another() -> None:
    out = Terminal()
    LiveLines(OutputWrapper(out)).show(NOON, "log", "\x1b[2J\x1b[Hgone\nRun 17: success")
    first, second, _ = out.getvalue().split("\n")
    assert first.endswith("log    \\u001b[2J\\u001b[Hgone")
    assert second.endswith("log    Run 17: success")
