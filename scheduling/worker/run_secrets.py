"""What a run's secrets are, and every text of it without them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from common.redact import Masker, mask_shapes_but_files
from common.visible import visible
from scheduling.execution import Stream

MAX_ERROR = 20_000  # characters of an error, and of what the platform says in a line


class RunSecrets:
    def __init__(self, secrets: Iterable[str]) -> None:
        self.masker = Masker(secrets)

    def hide(self, value: str) -> None:
        """From now on this value is masked too: a grant has handed it out."""
        self.masker.add(value)

    def holds_secret(self, text: str) -> bool:
        return self.masker.holds(text)

    def cut(self, text: str, most: int, last: int = 0) -> str:
        """Return the beginning of a text that is to be masked yet, and its end: no secret is cut in two."""
        return self.masker.cut(text, most, last)

    def mask_error(self, text: str) -> str:
        return self.mask(self.cut(text, MAX_ERROR))

    def cut_line(self, text: str, stream: Stream) -> str:
        """Return what is kept of a line: a script's own are the script's to shorten."""
        return self.cut(text, MAX_ERROR) if stream == "system" else text

    def mask(self, text: str) -> str:
        """Return a line or an error as it is stored: its control characters are codes, no terminal obeys them."""
        return visible(self.masker.mask(text))

    def mask_tree(self, value: Any) -> Any:
        """The same for every text in a JSON value; NaN and infinities, which are no JSON, become None."""
        return _clean(self.masker.mask_tree(value))

    def mask_message(self, value: Any) -> Any:
        """As `mask_tree`, but for links that Dify has signed: for what is sent, and kept sealed until then."""
        return _clean(self.masker.mask_tree(value, mask_shapes_but_files))


def _clean(masked: Any) -> Any:
    text = json.dumps(masked, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "replace"), parse_constant=lambda word: None)
