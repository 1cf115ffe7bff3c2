"""A run's live log: lines are collected in memory, written in batches, numbered from 1 without gaps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from django.db.models import Max

from scheduling.execution import Stream
from scheduling.models import RunLine

OUTPUT_CAP = 1 << 20  # characters a run
LINE_CAP = 64 << 10
CUT = "… output over 1 MiB: the rest was dropped"


class LineBuffer:
    """Takes lines from any thread; one thread at a time writes them."""

    def __init__(self, run_id: int, mask: Callable[[str], str]) -> None:
        self.run_id, self.mask = run_id, mask
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.waiting: list[tuple[datetime, Stream, str]] = []
        self.written: int | None = None
        self.size = 0

    def add(self, at: datetime, text: str, stream: Stream) -> None:
        text = self.mask(text)[:LINE_CAP].replace("\x00", "\ufffd")
        with self.lock:
            if self.size > OUTPUT_CAP:
                return
            self.size += len(text) + 1
            if self.size > OUTPUT_CAP:
                text, stream = CUT, "system"
            self.waiting.append((at, stream, text))

    def flush(self) -> int:
        """Writes what waits; on a database error it waits on: nothing is lost or doubled, and nobody held up."""
        with self.writing:
            with self.lock:
                batch = list(self.waiting)
            if not batch:
                return 0
            if self.written is None:
                self.written = last_seq(self.run_id)
            RunLine.objects.bulk_create(self._rows(batch, self.written + 1), batch_size=500)
            self.written += len(batch)
            with self.lock:
                del self.waiting[: len(batch)]
            return len(batch)

    def _rows(self, batch: list[tuple[datetime, Stream, str]], first: int) -> list[RunLine]:
        return [
            RunLine(run_id=self.run_id, seq=seq, at=at, stream=stream, text=text)
            for seq, (at, stream, text) in enumerate(batch, first)
        ]


def last_seq(run_id: int) -> int:
    return RunLine.objects.filter(run_id=run_id).aggregate(last=Max("seq"))["last"] or 0


def joined(run_id: int) -> str:
    """The lines as one text for the run's row, cut at the cap."""
    lines = RunLine.objects.filter(run_id=run_id).order_by("seq").values_list("text", flat=True)
    return "\n".join(lines.iterator(chunk_size=2000))[: OUTPUT_CAP + len(CUT)]
