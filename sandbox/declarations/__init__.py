"""The SDK, declared once: the guest builds its functions from this, the host checks calls against it, and the
documentation and the editor's completion are generated from it."""

from __future__ import annotations

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
]
