"""A run's live log. Lines are collected in memory, written in batches, and numbered from 1 without gaps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from django.db.models import Max

from common.framework.rows import Rows
from sandbox.host.output import without_terminal_codes
from scheduling.execution import Stream
from scheduling.models import RunLine

OUTPUT_CAP, LINES_CAP = 1 << 20, 20_000  # characters and lines of an attempt, from all sources
LINE_CAP = 64 << 10  # characters a row
AT_ONCE = 500
CUT = "… output over 1 MiB or 20,000 lines: the rest was dropped"

LINES = Rows(RunLine)
Batch = list[tuple[datetime, Stream, str]]
WriteLines = Callable[[], str | None]


class Allowance:
    """How much one attempt, or one test run, may write: its script, its calls and the platform together."""

    def __init__(self) -> None:
        self.size = self.lines = 0

    def admit(self, text: str, stream: Stream) -> tuple[str, Stream] | None:
        """Return the line as it is to be kept: over a cap once the notice that the rest is dropped, then None."""
        if self.size > OUTPUT_CAP or self.lines > LINES_CAP:
            return None
        self.size, self.lines = self.size + len(text) + 1, self.lines + 1
        if self.size > OUTPUT_CAP or self.lines > LINES_CAP:
            return CUT, "system"
        return text, stream


class LineBuffer:
    """Takes lines from any thread; one thread at a time writes them.

    `written`: how many lines the database has; None: unknown.
    """

    def __init__(self, run_id: int, mask: Callable[[str], str], written: int | None = None) -> None:
        self.run_id, self.mask, self.written = run_id, mask, written
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.waiting: Batch = []
        self.allowance = Allowance()

    def add(self, at: datetime, text: str, stream: Stream) -> None:
        """Add a text. One that is too long for a row becomes several.

        It is cut after it is masked: a secret may stand at the cut.
        """
        text = self.mask(text)
        if len(text) > LINE_CAP:
            text = plain(text)  # a cut could fall into a colour's code
        for start in range(0, len(text) or 1, LINE_CAP):
            self._put(at, text[start : start + LINE_CAP], stream)

    def _put(self, at: datetime, text: str, stream: Stream) -> None:
        with self.lock:
            if admitted := self.allowance.admit(text, stream):
                text, stream = admitted
                self.waiting.append((at, stream, text))

    def flush(self) -> None:
        """Write the waiting lines, unless the run's end is doing so: nobody is held up by that."""
        if self.writing.acquire(blocking=False):
            try:
                self._flush()
            finally:
                self.writing.release()

    def _flush(self) -> None:
        with self._batch() as batch:
            self._write(batch)

    @contextmanager
    def ending(self) -> Iterator[WriteLines]:
        """Yield what writes the waiting lines, to be called in a transaction that the block commits.

        It returns all lines as one text; None where some were written before.
        """
        with self.writing, self._batch() as batch:
            yield partial(self._write, batch)

    @contextmanager
    def _batch(self) -> Iterator[Batch]:
        """Yield the waiting lines, and remove them after the block.

        After a database error they still wait: nothing is lost or doubled.
        """
        with self.lock:
            batch = list(self.waiting)
        yield batch
        if batch:
            self.written = (self.written or 0) + len(batch)
            with self.lock:
                del self.waiting[: len(batch)]

    def _write(self, batch: Batch) -> str | None:
        if batch and self.written is None:
            self.written = last_seq(self.run_id)
        numbered = list(enumerate(batch, (self.written or 0) + 1))
        for first in range(0, len(numbered), AT_ONCE):
            LINES.insert([self._row(seq, line) for seq, line in numbered[first : first + AT_ONCE]])
        return plain("\n".join(text for _, _, text in batch)) if self.written == 0 else None

    def _row(self, seq: int, line: tuple[datetime, Stream, str]) -> dict[str, object]:
        at, stream, text = line
        return {"run": self.run_id, "seq": seq, "at": at, "stream": stream, "text": text}


def last_seq(run_id: int) -> int:
    return RunLine.objects.filter(run_id=run_id).aggregate(last=Max("seq"))["last"] or 0


def joined(run_id: int) -> str:
    """Return the lines of all attempts as one text for the run's row, cut at the cap with a notice."""
    lines = RunLine.objects.filter(run_id=run_id).order_by("seq").values_list("text", flat=True)
    kept, size = list[str](), 0
    for text in lines.iterator(chunk_size=2000):
        size += len(text) + 1
        if size > OUTPUT_CAP + len(CUT):
            kept.append(CUT)
            break
        kept.append(text)
    return plain("\n".join(kept))


def plain(text: str) -> str:
    """Return a line, or several, without colours: they are kept in the rows for the run's page alone."""
    return without_terminal_codes(text) if "\x1b" in text else text
