"""`manage.py test_script FILE`: runs a script on a worker, as a task would; nothing is sent or kept."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from importlib.util import decode_source
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations

from common.concurrency import NoPlaceError
from common.visible import visible
from platform_site.management.arguments import json_object
from platform_site.management.live_lines import LiveLines
from scheduling.acts.task_rules import dependency_problems
from scheduling.kinds.script.requirements import requirements_of
from scheduling.lifecycle import trials
from scheduling.lifecycle.trials import TrialOutcome, TrialRequest
from tenants.access import SYSTEM
from tenants.models import Tenant

LOOK_SECONDS = 0.3


class Command(BaseCommand):
    help = (
        "Runs a script on a script worker. Messages are only recorded and variables are set on a "
        "copy, but other calls are real. Exit codes: 0 the script has succeeded, 1 it has "
        "failed, 2 it could not be started."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="file with the script")
        parser.add_argument(
            "--tenant", help="code of the tenant whose secrets and variables the script can read"
        )
        parser.add_argument("--params", default="{}", help="JSON object that get_params() returns")
        parser.add_argument(
            "--deps", type=Path, metavar="FILE", help="file with the script's dependencies, one per line"
        )
        parser.add_argument(
            "--timeout", type=int, choices=range(1, 301), default=30, metavar="1..300", help="seconds"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the result as one JSON object, without the log"
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        request = _request(options)
        try:
            trial_id = trials.ask(request, SYSTEM, str(options["file"]))
        except NoPlaceError:
            text = "Too many tests of this tenant are waiting or running: try again after one has ended."
            raise CommandError(text, returncode=2) from None
        live = None if options["json"] else LiveLines(self.stdout)
        try:
            answer = _follow(trial_id, live)
        except KeyboardInterrupt:
            trials.cancel(trial_id, SYSTEM)
            raise
        if live is None:
            self.stdout.write(json.dumps(asdict(answer), ensure_ascii=False, indent=2))
        else:
            live.leave_bar()
            self._say(answer)
        if answer.status != "success":
            sys.exit(1)

    def _say(self, answer: TrialOutcome) -> None:
        for unsent in answer.messages:
            if unsent.message is not None:
                message = json.dumps(unsent.message, ensure_ascii=False)
                self.stdout.write(visible(f"Not sent ({unsent.origin}): {message}"))
        code = f" ({answer.error_code})" if answer.error_code else ""
        self.stdout.write(f"{answer.status}{code} after {answer.duration_ms} ms")
        if answer.error:
            self.stderr.write(visible(answer.error))


def _request(options: dict[str, Any]) -> TrialRequest:
    """Return the request for the trial. Raises CommandError."""
    script, deps = _text(options["file"]), _text(options["deps"]) if options["deps"] else ""
    if problems := list(dependency_problems(deps, script, options["tenant"])):
        raise CommandError("\n".join(problem.message for problem in problems), returncode=2)
    if options["tenant"] and not Tenant.objects.filter(code=options["tenant"]).exists():
        raise CommandError(f"The tenant {options['tenant']!r} does not exist.", returncode=2)
    return TrialRequest(
        script_content=script,
        script_deps=deps,
        input_params=json_object(options["params"]),
        timeout_seconds=options["timeout"],
        tenant_id=options["tenant"],
        has_deps=bool(requirements_of(deps, script, options["tenant"])),
    )


def _text(file: Path) -> str:
    """Return the text of a file as Python reads it. Raises CommandError."""
    try:
        return decode_source(file.read_bytes())
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}", returncode=2) from None


def _follow(trial_id: str, live: LiveLines | None) -> TrialOutcome:
    """Show the trial's lines until it has ended, and return its outcome.

    It always ends: a trial that no worker takes has an outcome that says so.
    """
    seen = 0
    while True:
        answer = trials.answer_of(trial_id)  # before its lines: then none is missed when it ends in between
        if live is not None:
            seen = _show(trial_id, seen, live)
        if answer is not None:
            return answer
        time.sleep(LOOK_SECONDS)


def _show(trial_id: str, after: int, live: LiveLines) -> int:
    for line in trials.lines_after(trial_id, after):
        live.show(datetime.fromisoformat(line.at), line.stream, line.text)
        after = line.seq
    return after
