"""A run's secrets, and its texts without them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from common.redact import Masker, mask_shapes_but_files
from common.visible import visible
from sandbox.host.output import coloured_text, without_terminal_codes
from scheduling.execution import Stream

MAX_ERROR = 20_000  # characters of an error, and of a line that the platform writes


class RunSecrets:
    def __init__(self, secrets: Iterable[str]) -> None:
        self.masker = Masker(secrets)

    def hide(self, value: str) -> None:
        """Mask this value too from now on, because a grant has handed it out."""
        self.masker.add(value)

    def holds_secret(self, text: str) -> bool:
        return self.masker.holds(text)

    def cut(self, text: str, max_characters: int, last: int = 0) -> str:
        """Return the beginning and the end of a text that is masked later, cutting no secret in two."""
        return self.masker.cut(text, max_characters, last)

    def mask_error(self, text: str) -> str:
        return self.mask(self.cut(text, MAX_ERROR))

    def cut_line(self, text: str, stream: Stream) -> str:
        """Return what is kept of a line. Only the platform's own lines are cut, not a script's."""
        return self.cut(text, MAX_ERROR) if stream == "system" else text

    def mask(self, text: str) -> str:
        """Return a line or an error as it is stored, with control characters as codes that no terminal obeys."""
        return visible(self.masker.mask(text))

    def mask_line(self, text: str) -> str:
        """Mask a line of the log as `mask` does, and keep its colours unless something in it had to be masked.

        The search is made in the text without codes: a secret could hide between them.
        """
        plain = without_terminal_codes(text)
        masked = self.mask(plain)
        return coloured_text(text) if plain != text and masked == visible(plain) else masked

    def mask_tree(self, value: Any) -> Any:
        """Mask every text in a JSON value and leave out colours. NaN and infinities, which JSON lacks, become None."""
        return _clean(self.masker.mask_tree(_plain(value)))

    def mask_message(self, value: Any) -> Any:
        """Mask as `mask_tree`, but keep links that Dify has signed: messages are stored encrypted until sent."""
        return _clean(self.masker.mask_tree(_plain(value), mask_shapes_but_files))


def _plain(value: Any) -> Any:
    """Return a JSON value with texts that hold no terminal codes: a secret could hide between them."""
    if isinstance(value, str):
        return without_terminal_codes(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _clean(masked: Any) -> Any:
    text = json.dumps(masked, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"), parse_constant=lambda word: None)
