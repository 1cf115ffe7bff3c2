"""The API at /api/audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import JsonObject, Moment, Words
from common.rest.paging import DeepPageQuery, PageOf, page_of
from tenants.api.auth import caller
from tenants.api.scope import rows_for_role
from tenants.models import AuditEntry, Role

router = Router(tags=["Audit"])
CONDITIONS = {
    "user": "username",
    "object_type": "object_type",
    "object_id": "object_id",
    "since": "at__gte",
    "until": "at__lt",
    "before_id": "id__lt",
}


class AuditFilters(DeepPageQuery):
    """The filters of the audit log. `search` looks for a text in the object's name."""

    user: Words | None = None
    object_type: Words | None = None
    object_id: Words | None = None
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    ordering: Literal["id", "-id"] = "-id"


class AuditShown(Schema):
    id: int
    at: datetime
    user: str = Field(validation_alias="username")
    token_prefix: str
    remote_addr: str
    action: str
    object_type: str
    object_id: str
    object_name: str
    tenant_id: str | None
    changes: JsonObject = Field(description="{column: [old, new]}; secrets are hidden.")


@router.get("", response=answers({200: PageOf[AuditShown]}, 403, 422), summary="List audit entries")
def list_audit(request: HttpRequest, query: Query[AuditFilters]) -> Any:
    """Superusers see all entries, a tenant's administrators those of their tenant."""
    actor = caller(request)
    found = rows_for_role(Role.ADMIN, AuditEntry.objects.order_by(query.ordering), actor)
    conditions = query.model_dump(include=set(CONDITIONS), exclude_none=True)
    found = found.filter(**{CONDITIONS[name]: value for name, value in conditions.items()})
    return page_of(found.filter(object_name__icontains=query.search) if query.search else found, query)
