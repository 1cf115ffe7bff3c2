"""Attends to one script from the fork to its result."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from sandbox.host.limits import Limits
from sandbox.host.network import Network, NetworkAccess
from sandbox.host.output import OnLine, Output
from sandbox.host.result import ProcessExit, Result, Verdict, read_exit
from sandbox.host.rpc import Conversation, Cut, Grants, cut_plainly
from sandbox.host.script import Script
from sandbox.host.watch import Watch
from sandbox.host.zygote import Child, Zygote

_END_SECONDS = 2.0
_KILLED_SECONDS = 5.0


def attend(
    zygote: Zygote,
    script: Script,
    grants: Grants,
    limits: Limits,
    on_line: OnLine,
    canceled: Callable[[], bool],
    interrupt: Callable[[], None],
    cut: Cut = cut_plainly,
    access: NetworkAccess | None = None,
) -> Result:
    """Run one script and return its result.

    Raises SandboxLostError if the sandbox failed before anything ran, and what `on_line` and `canceled` raise.
    """
    started = time.monotonic()
    output = Output(on_line, limits.output_bytes, limits.output_lines)
    with ExitStack() as stack:
        child = stack.enter_context(
            zygote.fork(limits, script.context.timezone, with_network=access is not None)
        )
        network = None
        if child.channel and access:
            network = stack.enter_context(Network(child.channel, access, interrupt))
        order = script.order(list(grants), limits)
        conversation = Conversation(child.connection, order, grants, limits, output, cut, interrupt, network)
        watch = Watch(child, limits, canceled, interrupt, network)
        verdict, ending = _until_dead(zygote, child, conversation, watch, limits)
    output.finish()
    for line in network.lines() if network else ():
        on_line("system", line)
    return _result(verdict, ending, output, started)


def _until_dead(
    zygote: Zygote, child: Child, conversation: Conversation, watch: Watch, limits: Limits
) -> tuple[Verdict, ProcessExit | None]:
    ending = None
    try:
        with watch:
            last_word = conversation.hold()
            if last_word is None:
                # Give the script time to end by itself: its exit status says more than a kill would.
                ending = zygote.wait(_END_SECONDS)
                if ending is None and watch.verdict is None and not zygote.is_lost:
                    last_word = Verdict(
                        "script_error", "The script closed its connection to the platform and kept running."
                    )
    finally:
        child.kill()
        ending = ending or zygote.wait(_KILLED_SECONDS)
        # A zygote that has not reported this end yet would report it as the next script's.
        zygote.is_lost = ending is None
    if watch.fault is not None:
        raise watch.fault
    return last_word or watch.verdict or read_exit(ending, limits.cpu_seconds), ending


def _result(verdict: Verdict, ending: ProcessExit | None, output: Output, started: float) -> Result:
    failed = "canceled" if verdict.error_code == "canceled" else "failed"
    return Result(
        status="success" if verdict.error_code is None else failed,
        error_code=verdict.error_code,
        error=verdict.error,
        result=verdict.result,
        output_truncated=output.is_truncated,
        duration_ms=round(1000 * (time.monotonic() - started)),
        cpu_ms=ending.cpu_ms if ending else 0,
        peak_memory_bytes=ending.peak_bytes if ending else 0,
    )
