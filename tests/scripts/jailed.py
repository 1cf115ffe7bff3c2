"""Runs a script in the jail, as a run does."""

from __future__ import annotations

import json
import re
from typing import Any

from common.http import CancelSwitch
from sandbox.host.rpc import Grants
from sandbox.host.runner import Context, Runner, Script
from scheduling.worker import script_network
from tests.scripts.world import ENVIRON, PACKAGES, PARAMS, SECRETS, ZONE, Seen, shown

# The line that import_qinglong, too, puts at the head of a script that reads environment variables.
_PROLOGUE = f"import os; os.environ.update({ENVIRON!r})\n"
_READS_ENVIRON = re.compile(r"os\.(environ|getenv)")
_SECONDS = 300.0


def run_jailed(runner: Runner, source: str, site: str) -> Seen:
    lines: list[str] = []

    def on_line(stream: str, text: str) -> None:
        if stream != "system":  # said by the platform
            lines.append(text)

    def notify(message: Any, channel: Any) -> dict[str, str]:
        lines.append(f"notify: {message}")
        return {"delivery_id": "1"}

    prologue = _PROLOGUE if _READS_ENVIRON.search(source) else ""
    script = Script(
        prologue + source, params=PARAMS, import_paths=[PACKAGES], context=Context(task_id=1, timezone=ZONE)
    )
    grants: Grants = {"notify": notify, "get_secret": lambda key: SECRETS[key]}
    network = script_network.access(None, CancelSwitch(), lambda: _SECONDS)
    result = runner.run(script, grants=grants, on_line=on_line, network=network)
    if result.result is not None:
        lines.append(f"result: {json.dumps(result.result, ensure_ascii=False)}")
    return Seen(shown("\n".join(lines), site), result.error if result.error_code else None)
