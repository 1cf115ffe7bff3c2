"""Which tables of a source may be read."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import QueryRefusedError


class Tables:
    """If any tables are `allowed`, only these may be read; else all of the source's database but the `closed` ones."""

    def __init__(self, allowed: Iterable[str] = (), closed: Iterable[str] = ()) -> None:
        self._allowed = {name.casefold() for name in allowed}
        self._closed = {name.casefold() for name in closed}

    def permit(self, name: str) -> bool:
        name = name.casefold()
        return name in self._allowed if self._allowed else name not in self._closed

    def require(self, name: str) -> None:
        if not self.permit(name):
            raise QueryRefusedError(f"the table {name} is not allowed for this source")
