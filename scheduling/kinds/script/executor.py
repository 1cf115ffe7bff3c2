"""The script executor: it runs a Python script in the sandbox, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from common.http import CancelSwitch
from common.json_values import why_unfit
from sandbox.host.errors import SandboxError
from sandbox.host.limits import Limits
from sandbox.host.network import NetworkAccess
from sandbox.host.runner import Context, Runner, Script
from sandbox.host.uv import DepsCanceledError, DepsError
from scheduling.execution import CANCELED, Occasion, Outcome, RunContext, Spent, Stream, failed, success

SHOWN = 8192  # characters of an error that are kept from its beginning, and as many from its end
Grants = Mapping[str, Callable[..., Any]]
Imports = Callable[[], AbstractContextManager[Sequence[str]]]


@dataclass(frozen=True)
class ScriptConfig:
    source: str
    limits: Limits = field(default_factory=Limits)
    network: NetworkAccess | None = None


class ScriptExecutor:
    """`grants` are the functions that the script may call, by the SDK's names; they add their costs to `spent`.

    `over` is thrown when the script has been killed for any reason: it must end every wait of a grant. `imports` gives
    the directories of the dependencies for as long as the script runs, and raises DepsError.
    """

    def __init__(
        self,
        config: ScriptConfig,
        occasion: Occasion,
        runner: Runner,
        grants: Grants,
        spent: Spent,
        imports: Imports,
        over: CancelSwitch,
    ) -> None:
        self.config, self.occasion, self.runner = config, occasion, runner
        self.grants, self.spent, self.imports, self.over = grants, spent, imports, over

    def execute(self, context: RunContext) -> Outcome:
        outcome = self._execute(context)
        return replace(outcome, tokens=self.spent.tokens, cost=self.spent.cost)

    def _execute(self, context: RunContext) -> Outcome:
        try:
            with self.imports() as paths:
                result = self.runner.run(
                    self._script(paths),
                    grants=self.grants,
                    limits=self.config.limits,
                    on_line=lambda stream, text: context.line(text, cast(Stream, stream)),
                    canceled=context.canceled,
                    interrupt=self.over.cancel,
                    cut=context.cut,
                    network=self.config.network,
                )
        except SandboxError as error:
            return failed(error.error_code, str(error))
        except DepsCanceledError:
            return CANCELED
        except DepsError as error:
            return failed("deps_error", str(error), retryable=False)
        if result.status == "canceled":
            return CANCELED
        if result.error_code is not None:
            return failed(result.error_code, context.cut(result.error, SHOWN, SHOWN))
        if unfit := why_unfit(result.result):
            return failed("result_limit", f"result {unfit}")
        return success(result.result, message=result.result)

    def _script(self, import_paths: Sequence[str]) -> Script:
        occasion = self.occasion
        context = Context(
            task_id=occasion.task_id,
            tenant_id=occasion.tenant_id,
            trace_id=occasion.trace_id,
            timezone=occasion.timezone,
            due_at=occasion.due_at,
            window_start=occasion.window_start,
            window_end=occasion.window_end,
        )
        return Script(self.config.source, context=context, params=occasion.params, import_paths=import_paths)
