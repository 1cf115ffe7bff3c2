"""Checks of this host: settings that conflict, the sandbox, outbound networks, disk space."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.core.checks import run_checks

from common.networks import opens_all
from platform_site.config.addresses import EVERYWHERE
from platform_site.doctor.finding import Finding, ok, problem, warning
from sandbox.host.runner import Runner, SandboxUnavailableError

DISK_BYTES = 1 << 30
MIB = 1 << 20


def check_settings() -> Iterator[Finding]:
    for message in run_checks():
        if message.is_serious():
            yield problem(
                "settings", message.msg, message.hint or "See docs/configuration.md for every setting."
            )
    yield ok("settings", f"data in {settings.DATA_DIR}, reached at {settings.PUBLIC_BASE_URL}")
    if settings.DEBUG:
        yield warning("settings", "DEBUG is set, which shows settings and code to visitors", "Unset DEBUG.")
    if settings.HOST in EVERYWHERE and not settings.HTTPS:
        yield warning(
            "settings",
            f"{settings.HOST} is open to the network without TLS",
            "Put a TLS proxy in front and set PUBLIC_BASE_URL to its https:// address.",
        )


def sandbox() -> Iterator[Finding]:
    """Try the sandbox here and now; a worker on another host may be confined better or worse."""
    try:
        with Runner(min_level=settings.SANDBOX_MIN_LEVEL, unsafe=settings.SANDBOX_UNSAFE) as runner:
            level = runner.level()
    except SandboxUnavailableError as error:
        yield problem(
            "sandbox",
            f"scripts can't run on this host: {error}",
            "Fix the cause, then check again with `python -m sandbox level`.",
        )
        return
    summary = f"{level}: " + "; ".join(level.reasons)
    if level.number < settings.SANDBOX_MIN_LEVEL:
        yield warning("sandbox", f"scripts run unprotected. {summary}", "Unset SANDBOX_UNSAFE.")
    else:
        yield ok("sandbox", summary)


def outbound() -> Iterator[Finding]:
    networks = ", ".join(map(str, settings.OUTBOUND_ALLOWED_NETWORKS))
    if any(map(opens_all, settings.OUTBOUND_ALLOWED_NETWORKS)):
        yield warning(
            "outbound",
            f"tasks may reach every address ({networks})",
            "List only the networks that tasks need in OUTBOUND_ALLOWED_NETWORKS.",
        )
    else:
        ports = ", ".join(map(str, sorted(settings.SCRIPT_PORTS)))
        scripts = "none" if settings.SCRIPT_NETWORK == "off" else ports
        reached = f"private networks that tasks may reach: {networks or 'none'}"
        yield ok("outbound", f"{reached}; public ports that scripts may reach: {scripts}")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < DISK_BYTES:
        yield problem(
            "disk",
            f"{free // MIB} MiB left at {settings.DATA_DIR}",
            "Free disk space: nothing can be stored without it.",
        )
    else:
        yield ok("disk", f"{free // MIB} MiB left at {settings.DATA_DIR}")
