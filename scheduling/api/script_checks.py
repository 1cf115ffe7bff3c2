"""Endpoint POST /api/scheduled-tasks/check-script: what the editor marks while somebody writes."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Fields, LongText
from scheduling.kinds.script import check
from tenants.api.auth import caller

router = Router(tags=["Tasks"])


class ScriptToCheck(Fields):
    model_config = {"json_schema_extra": {"examples": [{"script_content": "result = 1 +"}]}}

    script_content: LongText


class ScriptProblem(Schema):
    line: int = Field(description="The line, from 1; 0 means the whole script.")
    column: int = Field(description="The column, from 1; 0 means the whole line.")
    severity: Literal["error", "warning"]
    message: str


class ScriptProblems(Schema):
    problems: list[ScriptProblem]


@router.post("/check-script", response=answers({200: ScriptProblems}, 422), summary="Check a script")
def check_script(request: HttpRequest, body: ScriptToCheck) -> Any:
    """The script is compiled, not run. Saving would refuse a script with an error; warnings are only shown."""
    return {"problems": list(check.problems(body.script_content, f"user {caller(request).user_id}"))}
