"""Shows a run's lines in a terminal as they come; what `progress` reports is one bar that grows in its place."""

from __future__ import annotations

import re
from datetime import datetime

from django.core.management.base import OutputWrapper
from django.utils import timezone

from common.visible import visible

PROGRESS = re.compile(r"(\d+(?:\.\d+)?) / (\d+(?:\.\d+)?)")  # as `progress` writes it
BAR = 30


class LiveLines:
    def __init__(self, out: OutputWrapper) -> None:
        self.out = out
        self.is_on_bar = False

    def show(self, at: datetime, stream: str, text: str) -> None:
        found = PROGRESS.fullmatch(text) if stream == "system" and self.out.isatty() else None
        if found:
            self.out.write(f"\r{bar(float(found[1]), float(found[2]))}", ending="")
            self.is_on_bar = True
        else:
            self.leave_bar()
            for part in visible(text).split("\n"):  # each names its stream, so none looks like ours
                self.out.write(f"{timezone.localtime(at):%H:%M:%S} {stream:<7}{part}")
        self.out.flush()

    def leave_bar(self) -> None:
        """End the bar's line, so that what comes next begins a line of its own."""
        if self.is_on_bar:
            self.out.write("")
            self.is_on_bar = False


def bar(done: float, total: float) -> str:
    share = min(1.0, done / total) if total else 1.0
    full = round(BAR * share)
    return f"[{'#' * full}{'.' * (BAR - full)}] {share:4.0%}  {done:g} of {total:g}"
