"""The columns of a Dify task in the API."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema

from common.rest.fields import Fields, LongText, WebAddress, schema_of_rule
from scheduling.kinds.dify.columns import DifyColumns
from scheduling.kinds.dify.kind import DIFY


class DifyFields(Fields):
    dify_url: Annotated[WebAddress, schema_of_rule(DIFY.rules["dify_url"])] | None = None
    dify_api_key: Annotated[str, schema_of_rule(DIFY.rules["dify_api_key"])] | None = None
    """Never returned: `dify_api_key_set` tells whether there is one. null clears it."""
    dify_app_type: Literal["workflow", "chat", "completion"] = "workflow"
    dify_workflow_id: Annotated[str, schema_of_rule(DIFY.rules["dify_workflow_id"])] | None = None
    dify_query: LongText | None = None
    dify_user: Annotated[str, schema_of_rule(DIFY.rules["dify_user"])] | None = None
    dify_response_mode: Literal["streaming", "blocking"] = "streaming"
    retry_on_unknown: bool = False


class DifyShown(Schema):
    dify_url: str
    dify_api_key_set: bool
    dify_app_type: str
    dify_workflow_id: str
    dify_query: str
    dify_user: str
    dify_response_mode: str
    retry_on_unknown: bool

    @staticmethod
    def resolve_dify_api_key_set(task: DifyColumns) -> bool:
        return bool(task.dify_api_key)
