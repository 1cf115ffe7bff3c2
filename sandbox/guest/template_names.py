"""The names that a template expects from outside, read from its syntax tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from jinja2 import meta, nodes

# Filters that accept a name which does not exist.
_LENIENT = frozenset({"default", "d", "items", "pprint"})


def read_names(tree: nodes.Template) -> tuple[list[str], list[str]]:
    """Return the names that the template takes from outside, and those of them that it can't do without.

    A name that is tested, given a default or handed on anywhere in the template is not needed, and one that the
    template sets in any branch is its own.
    """
    found = list(tree.find_all(nodes.Name))
    loads = Counter(name.name for name in found if name.ctx == "load")
    own = {name.name for name in found if name.ctx != "load"} | {m.name for m in tree.find_all(nodes.Macro)}
    fatal = Counter(
        child.name
        for node in tree.find_all(nodes.Node)
        for child in _required(node)
        if isinstance(child, nodes.Name)
    )
    uses = meta.find_undeclared_variables(tree) - own
    return sorted(uses), sorted(name for name in uses & fatal.keys() if fatal[name] == loads[name])


def _required(node: nodes.Node) -> Iterable[nodes.Node | None]:
    """Return those operands of a node that must exist: where one does not, a strict rendering fails."""
    match node:
        case nodes.Output() | nodes.Concat():
            return node.nodes
        case nodes.And() | nodes.Or():
            return [node.left]
        case nodes.BinExpr():
            return [node.left, node.right]
        case nodes.Filter():
            return [] if node.name in _LENIENT else [node.node]
        case nodes.Compare():  # nothing is compared with the items of an empty list
            return [] if node.ops[0].op in ("in", "notin") else [node.expr]
        case nodes.Operand():
            return [node.expr]
        case nodes.If() | nodes.CondExpr():
            return [node.test]
        case nodes.For():
            return [node.iter]
        case nodes.Getattr() | nodes.Getitem() | nodes.Call() | nodes.UnaryExpr():
            return [node.node]
    return []
