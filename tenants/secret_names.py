"""Recognizes settings whose names say that they are secret."""

import re

# api_key, apiKey, API-KEY and key, but not monkey.
_SECRET_NAME = re.compile(r"(?:^|[^A-Za-z0-9]|(?<=[a-z0-9])(?=[A-Z]))(?i:key|token|secret|password)$")


def is_secret_name(key: str) -> bool:
    """Return whether the last word of the name is key, token, secret or password."""
    return bool(_SECRET_NAME.search(key))
