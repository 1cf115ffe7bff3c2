"""Log lines without secrets: a path may hold a hook's token, an error's text whatever a service has said."""

from __future__ import annotations

import logging

from .shapes import mask_shapes


class MaskingFormatter(logging.Formatter):
    """Masks the line as it is written, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_shapes(super().format(record))
