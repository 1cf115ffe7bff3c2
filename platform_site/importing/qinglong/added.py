"""What is added to a QingLong script: its variables, the accounts of its run, `notify.send` and `QLAPI.notify`."""

from __future__ import annotations

from collections.abc import Iterable

from platform_site.importing.qinglong.commands import Accounts, Command
from platform_site.importing.scripts import added_lines
from platform_site.importing.scripts.environ import variables_read
from platform_site.importing.scripts.folder import Script, UnusableScriptError
from platform_site.importing.scripts.imports import Imports

# Modules that QingLong puts beside every script; both have send(title, content).
NOTIFY_MODULES = ("notify", "sendNotify")
NOTIFY = '''\
import builtins
import sys
import types


def _send(title, content, *_, _notify=notify, **__):
    """Send text to the task's channels, as QingLong's send(title, content) does."""
    if content:
        _notify({"msg_type": "text", "content": f"{title}\\n\\n{content}"})


sys.modules["notify"] = sys.modules["sendNotify"] = types.SimpleNamespace(send=_send)
builtins.QLAPI = types.SimpleNamespace(
    notify=_send, systemNotify=lambda message: _send(message["title"], message["content"])
)
'''


def sends(imports: Imports) -> bool:
    """Return whether the script sends messages by QingLong's own means."""
    return not imports.names.isdisjoint(NOTIFY_MODULES) or any(
        "QLAPI" in script.text for script in imports.scripts
    )


def names_missing(imports: Imports) -> list[str]:
    """Return what the script imports from QingLong's modules beyond `send`, which is not here."""
    prefixes = tuple(f"{module}." for module in NOTIFY_MODULES)
    return sorted(name for name in imports.names if name.startswith(prefixes) and not name.endswith(".send"))


def with_added(script: Script, imports: Imports, command: Command, known: Iterable[str]) -> str:
    """Return the script with what it needs of QingLong. `known` are the variables that have a secret here.

    Raises UnusableScriptError.
    """
    names = variables_read(imports.scripts, known)
    if command.accounts and command.accounts.variable not in known:
        raise UnusableScriptError(
            f"It runs for accounts in {command.accounts.variable}, which was not imported."
        )
    if command.accounts and command.accounts.variable not in names:
        names.append(command.accounts.variable)
    parts = [
        added_lines.modules(imports.beside),
        NOTIFY if sends(imports) else "",
        added_lines.environment(names, *(_choice_of(command.accounts) if command.accounts else ())),
        added_lines.arguments(command.arguments),
    ]
    return added_lines.with_added(script, parts, "import_qinglong", "QingLong")


def _choice_of(accounts: Accounts) -> list[str]:
    """Return the lines that leave only the chosen accounts in the variable."""
    chosen = " + ".join(f"_accounts{part}" for part in accounts.slices)
    return [
        f'_accounts = os.environ["{accounts.variable}"].split("&")',
        f'os.environ["{accounts.variable}"] = "&".join({chosen})',
    ]
