"""Reads a request as it comes in. One whose body is over the limit goes to Django without the body.

Django answers 401 to a stranger and 413 to everybody else, in the words and the form of the page or the API.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge


class TooLarge:
    """Stands for a body that is too large to be read."""

    def read(self, size: int = -1) -> NoReturn:
        raise RequestDataTooBig("The body is over DATA_UPLOAD_MAX_MEMORY_SIZE.")

    readline = read


class Parser(HTTPRequestParser):
    is_too_large = False

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge):
            self._go_without_body()
            return len(data)  # what follows belongs to the body and is no new request
        return consumed

    def _go_without_body(self) -> None:
        self.close()
        self.error, self.body_rcv, self.is_too_large, self.expect_continue = None, None, True, False
        self.headers["CONTENT_LENGTH"] = str(max(self.content_length, self.body_bytes_received))
        self.headers["CONNECTION"] = "close"

    def get_body_stream(self) -> Any:
        return TooLarge() if self.is_too_large else super().get_body_stream()
