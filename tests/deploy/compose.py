"""docker-compose.yml as Docker Compose reads it: anchors merged, variables put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import yaml

from platform_site.config.data_dir import BASE_DIR

FILE = BASE_DIR / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Z_]+)(?::([-?])([^}]*))?\})")
INFRASTRUCTURE = {"mysql", "redis"}


def compose(environ: Mapping[str, str]) -> dict[str, Any]:
    """Raises KeyError where a needed variable is missing."""
    return cast(dict[str, Any], _filled(yaml.safe_load(FILE.read_text()), environ))


def services(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return cast(dict[str, dict[str, Any]], compose(environ)["services"])


def ours(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services that run the platform's image."""
    return {name: service for name, service in services(environ).items() if name not in INFRASTRUCTURE}


def seconds(duration: str) -> float:
    """Of "45s", "2m"."""
    units = {"s": "seconds", "m": "minutes"}
    return timedelta(**{units[duration[-1]]: float(duration[:-1])}).total_seconds()


def _filled(node: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _filled(value, environ) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, environ) for value in node]
    return VARIABLE.sub(lambda found: _value(found, environ), node) if isinstance(node, str) else node


def _value(found: re.Match[str], environ: Mapping[str, str]) -> str:
    dollar, name, kind, text = found.groups()
    if dollar:
        return "$"
    value = environ.get(name, "")
    if kind == "-":
        return value or text
    if not value:
        raise KeyError(name)
    return value
