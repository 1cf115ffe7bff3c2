"""A RunContext in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from common.http import CancelSwitch
from common.redact import Masker
from scheduling.execution import Stream


class ImpatientSwitch(CancelSwitch):
    """Nothing to wait for in a test."""

    def wait(self, seconds: float) -> bool:
        return super().wait(0)


class FakeContext:
    """`elsewhere` are ids that other runs have; `seconds` are left; `called_at` is an earlier attempt's."""

    def __init__(
        self,
        *,
        seconds: float = 30,
        kept: tuple[str, str] = ("", ""),
        called_at: datetime | None = None,
        elsewhere: Collection[str] = (),
        unstarted: int = 0,
    ) -> None:
        self.seconds_left = seconds
        self.kept, self.called_at, self.unstarted = kept, called_at, unstarted
        self.released = False
        self.seconds_to_end = 1.0
        self.earlier_error = ""
        self.elsewhere = set(elsewhere)
        self.switch = ImpatientSwitch()
        self.lines: list[tuple[Stream, str]] = []
        self.timelines: list[Any] = []
        self.masker = Masker()

    def extend(self, seconds: float) -> None:
        self.seconds_left += seconds

    def line(self, text: str, stream: Stream = "system") -> None:
        self.lines.append((stream, text))

    def cut(self, text: str, max_characters: int, last: int = 0) -> str:
        return self.masker.cut(text, max_characters, last)

    def draw(self, timeline: Callable[[], Any]) -> None:
        self.timelines.append(timeline())

    def calling(self) -> datetime:
        return datetime.now(UTC)

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        self.kept = (external_id, external_task_id)

    def canceled(self) -> bool:
        return self.switch.is_canceled

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        return self.elsewhere & set(external_ids)

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)
