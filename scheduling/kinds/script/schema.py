"""The columns of a script task in the API."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema

from common.rest.fields import Fields, LongText, schema_of_rule
from scheduling.kinds.script.kind import SCRIPT


class ScriptFields(Fields):
    script_content: LongText | None = None
    script_deps: LongText | None = None
    """One to a line, as in pandas>=2,<3; a PEP 723 block in the script counts, too. `deps_status` tells whether they
    are locked: locking, ready, failed."""
    memory_mb: Annotated[int, schema_of_rule(SCRIPT.rules["memory_mb"])] | None = None
    cpu_seconds: Annotated[int, schema_of_rule(SCRIPT.rules["cpu_seconds"])] | None = None


class ScriptShown(Schema):
    script_content: str
    script_deps: str
    deps_status: str
    memory_mb: int | None
    cpu_seconds: int | None
