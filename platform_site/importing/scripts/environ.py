"""Which environment variables a script reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from platform_site.importing.scripts.folder import Script

WORD = re.compile(r"\w+")


def variables_read(scripts: Iterable[Script], known: Iterable[str]) -> list[str]:
    """Return those of the known variables that the scripts name; all of them where one reads names that it computes."""
    words = {word for script in scripts for word in WORD.findall(script.text)}
    reads_any = any(_computes_a_name(script.tree) for script in scripts)
    return [name for name in known if reads_any or name in words]


def _computes_a_name(tree: ast.Module) -> bool:
    named = {id(place) for node in ast.walk(tree) if (place := _place_of_name(node))}
    return any(_is_environ(node) and id(node) not in named for node in ast.walk(tree)) or any(
        isinstance(node, ast.Call) and _name_of(node.func) == "getenv" and not _is_named(node.args)
        for node in ast.walk(tree)
    )


def _place_of_name(node: ast.AST) -> ast.AST | None:
    """Return what the node looks up a constant name in, where it does: as `x["A"]`, `x.get("A")` or `"A" in x`."""
    match node:
        case ast.Subscript(value=place, slice=ast.Constant()):
            return place
        case ast.Call(func=ast.Attribute(value=place), args=[ast.Constant(), *_]):
            return place
        case ast.Compare(left=ast.Constant(), comparators=[place]):
            return place
    return None


def _is_environ(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute | ast.Name) and _name_of(node) == "environ"


def _is_named(arguments: list[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant)


def _name_of(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
