"""What `docker build` copies into the image, as .dockerignore says: nothing but what it takes back by `!`."""

from __future__ import annotations

import shutil
from pathlib import Path

from platform_site.config.data_dir import BASE_DIR


def copied(to: Path) -> Path:
    lines = (BASE_DIR / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    never = shutil.ignore_patterns(*(rule.removeprefix("**/") for rule in rules if rule.startswith("**/")))
    for rule in rules:
        if rule.startswith("!"):
            for found in BASE_DIR.glob(rule[1:]):
                _copy(found, to / found.relative_to(BASE_DIR), never)
    return to


def _copy(found: Path, target: Path, never: object) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if found.is_dir():
        shutil.copytree(found, target, ignore=never)  # type: ignore[arg-type]
    else:
        shutil.copy(found, target)
