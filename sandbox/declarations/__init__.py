"""The SDK, declared once: the guest builds its functions from this, the host checks calls against it, and the
documentation and the editor's completion are generated from it."""

from __future__ import annotations

from typing import Any

from sandbox.declarations.functions import FUNCTIONS
from sandbox.declarations.names import MODULES, RESULT_TYPES, VARIABLES
from sandbox.declarations.parts import KIB, MIB, REQUIRED, Function, Module, Parameter, ResultType, Variable

__all__ = [
    "FUNCTIONS",
    "KIB",
    "MIB",
    "MODULES",
    "REQUIRED",
    "RESULT_TYPES",
    "VARIABLES",
    "Function",
    "Module",
    "Parameter",
    "ResultType",
    "Variable",
    "sdk_docs",
]


def sdk_docs() -> dict[str, list[dict[str, Any]]]:
    """Return the body of `GET /api/scheduled-tasks/sdk-docs`, which the editor's completion uses as well."""
    return {
        "functions": [
            {
                "name": f.name,
                "signature": f.signature,
                "doc": f.doc,
                "doc_zh": f.doc_zh,
                "example": f.example,
                "max_bytes": {p.name: p.max_bytes for p in f.parameters} if f.is_limited else {},
                "max_total_bytes": f.max_total_bytes if f.is_limited else None,
            }
            for f in FUNCTIONS
        ],
        "variables": [{"name": v.name, "doc": v.doc, "doc_zh": v.doc_zh} for v in VARIABLES],
        "modules": [{"name": m.name, "source": m.source, "example": m.example} for m in MODULES],
        "result_types": [
            {"name": r.name, "doc": r.doc, "doc_zh": r.doc_zh, "example": r.example} for r in RESULT_TYPES
        ],
    }
