"""`manage.py import_tasks FILE`: makes tasks what a YAML document says, and shows what that changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.utils import timezone

from platform_site.importing.document import UnreadableDocumentError, read_document
from platform_site.importing.plan import carry_out, plan
from platform_site.importing.step import DocumentRefusedError, Step
from platform_site.importing.words import plan_lines

SECRETS_HELP = "YAML file with the values of the secrets, by their names in the document"


class Command(BaseCommand):
    help = (
        "Creates and changes the tasks and calendars of a YAML document; all others stay as they "
        "are. Exit codes: 0 done, or nothing to do; 1 refused, nothing was changed; 2 with "
        "--dry-run: there are changes to make."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="YAML file, for example from export_tasks; - for standard input"
        )
        parser.add_argument("--secrets", type=Path, metavar="FILE", help=SECRETS_HELP)
        parser.add_argument("--dry-run", action="store_true", help="only show what would change")
        parser.add_argument("--json", action="store_true", help="print the changes as JSON")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            now = timezone.now()
            steps = plan(read_document(_text(options["file"])), _secrets(options["secrets"]), now)
            if not options["dry_run"]:
                carry_out(steps, now)
        except (UnreadableDocumentError, DocumentRefusedError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_as_json(steps) if options["json"] else "\n".join(plan_lines(steps)))
        if options["dry_run"] and any(step.act != "keep" for step in steps):
            sys.exit(2)


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from None


def _secrets(file: Path | None) -> Mapping[str, str]:
    try:
        found = yaml.safe_load(_text(file)) if file else {}
    except yaml.YAMLError:
        raise CommandError(f"{file} is not valid YAML.") from None  # the parser's message would show a secret
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise CommandError(f"{file} must contain one “name: value” per line.")
    return found


def _as_json(steps: Sequence[Step]) -> str:
    data = [{step.kind: step.key, "act": step.act, "fields": step.fields} for step in steps]
    return json.dumps(data, ensure_ascii=False, indent=2)
