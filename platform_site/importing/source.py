"""What is imported from: how a source is named in the records of imports, and the error that it can't be read."""

from __future__ import annotations

import hashlib


class SourceError(Exception):
    """A source can't be read, or is not what it should be. The message holds no password."""


def source_key(name: str, identity: str) -> str:
    """Return the key of a source, which tells it from one of the same name elsewhere."""
    return f"{name[:24]}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"
