"""Builds the executor of an echo task from its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scheduling.execution import Outcome, RunContext, success


@dataclass(frozen=True)
class EchoExecutor:
    text: str

    def execute(self, context: RunContext) -> Outcome:
        context.line("echoing")
        return success(self.text, message=self.text)


def build(run: Any, task: Any, context: RunContext) -> EchoExecutor:
    return EchoExecutor(task.echo_text)
