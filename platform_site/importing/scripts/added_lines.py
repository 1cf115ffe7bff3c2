"""The lines that are added to a script, so that it finds here what it had elsewhere. They are plain Python to read."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

from platform_site.importing.scripts.folder import Script, UnusableScriptError

BEGIN = "# Lines that {command} has added, so that the script finds here what it had in {there}."
END = "# End of the added lines."

MODULES = '''\
import importlib.abc
import importlib.util
import sys


class _ModulesBeside(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
    """Imports the modules that lay beside the script."""

    sources = {{
{sources}
    }}

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name in self.sources else None

    def is_package(self, name):
        return any(other.startswith(f"{{name}}.") for other in self.sources)

    def get_filename(self, name):
        return name.replace(".", "/") + ".py"

    def get_source(self, name):
        return self.sources[name]


sys.meta_path.insert(0, _ModulesBeside())
'''


def with_added(script: Script, parts: Iterable[str], command: str, there: str) -> str:
    """Return the script with the parts before its first statement: after its comments, docstring and `__future__`.

    Raises UnusableScriptError.
    """
    added = [part.rstrip("\n") for part in parts if part]
    if not added:
        return script.text
    lines = list(StringIO(script.text))  # split at \n alone, as Python counts lines
    at, is_alone = _first_line(script.tree, len(lines))
    if not is_alone:
        raise UnusableScriptError("Write the script's first statements on lines of their own.")
    before = "".join(lines[:at])
    block = "\n".join([BEGIN.format(command=command, there=there), *added, END, ""])
    return f"{before}{'' if before.endswith(chr(10)) or not before else chr(10)}{block}{''.join(lines[at:])}"


def modules(beside: Mapping[str, str]) -> str:
    """Return the lines that let the script import these modules, given by their dotted names."""
    sources = "\n".join(f"        {json.dumps(name)}: {_literal(text)}," for name, text in beside.items())
    return MODULES.format(sources=sources) if beside else ""


def environment(names: Iterable[str], *more: str) -> str:
    """Return the lines that set environment variables from the secrets of these names, followed by `more`."""
    lines = [f'os.environ["{name}"] = get_secret("{name}")' for name in names]
    return "\n".join(["import os", "", *lines, *more]) if lines else ""


def arguments(values: Sequence[str]) -> str:
    """Return the lines that set the script's arguments."""
    return f"import sys\n\nsys.argv[1:] = {list(values)!r}\n" if values else ""


def _first_line(tree: ast.Module, end: int) -> tuple[int, bool]:
    """Return how many lines come before the first statement that code may precede, and whether it begins its line."""
    last = 0
    for number, node in enumerate(tree.body):
        if not (_is_docstring(node, number) or _is_future(node)):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            return first - 1, first > last
        last = node.end_lineno or node.lineno
    return end, True


def _is_docstring(node: ast.stmt, number: int) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return number == 0 and isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _literal(text: str) -> str:
    """Return Python source for the text: as it stands in raw quotes if these can hold it."""
    for quotes in ("'''", '"""'):
        if quotes not in text and not text.endswith(("\\", quotes[0])):
            return f"r{quotes}{text}{quotes}"
    return repr(text)
