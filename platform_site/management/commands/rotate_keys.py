"""`manage.py rotate_keys`: encrypts column after column with the newest key."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from common.fields import keyring
from common.key_rotation import CLEAR_TEXT, RotationReport, columns, rotate

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret with the first key of ENCRYPTION_KEYS. It may be "
        "interrupted and repeated. Exit codes: 0 every value can be decrypted, 1 some values "
        "can't be decrypted by any key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="change nothing, only show which keys are in use"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for column in columns():
            found.append(rotate(column, keyring(), dry_run=options["dry_run"]))
            if not options["json"]:
                self.stdout.write(line(found[-1]))
        self.stdout.write(as_json(found) if options["json"] else summary(found))
        sys.exit(1 if any(one.unreadable for one in found) else 0)


def line(found: RotationReport) -> str:
    counts = [
        f"{count} unencrypted" if key == CLEAR_TEXT else f"{count} by key {key}"
        for key, count in sorted(found.by_key.items())
    ]
    if found.rewritten:
        counts.append(f"{found.rewritten} re-encrypted")
    if found.unreadable:
        rows = ", ".join(map(str, found.unreadable[:SHOWN]))
        counts.append(f"{len(found.unreadable)} that no key can decrypt (rows {rows})")
    return f"{found.column}: {', '.join(counts) or 'empty'}"


def summary(found: list[RotationReport]) -> str:
    free = ", ".join(map(str, unused(found))) or "none"
    total = in_use(found).total()
    return f"{total} values, {sum(one.rewritten for one in found)} re-encrypted. Unused keys: {free}."


def as_json(found: list[RotationReport]) -> str:
    columns = [
        {
            "column": one.column,
            "by_key": {str(key): count for key, count in sorted(one.by_key.items())},
            "rewritten": one.rewritten,
            "unreadable": one.unreadable,
        }
        for one in found
    ]
    return json.dumps({"columns": columns, "unused_keys": unused(found)})


def in_use(found: list[RotationReport]) -> Counter[int]:
    return sum((one.by_key for one in found), Counter[int]())


def unused(found: list[RotationReport]) -> list[int]:
    """Return the keys that nothing needs any more, counted from 1. New values need the first, so it is never one."""
    return [key for key in range(2, len(settings.ENCRYPTION_KEYS) + 1) if key not in in_use(found)]
