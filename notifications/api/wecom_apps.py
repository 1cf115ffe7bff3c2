"""The API at /api/wecom-apps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from common.masked_input import unmasked
from common.redact import mask_url
from common.rest.answers import answers
from common.rest.fields import Flag, WebAddress, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError
from notifications.api.schemas import DestinationFields, TenantCode
from notifications.api.trials import Trial, TrialShown, send_test
from notifications.models import WeComApp
from tenants import rows
from tenants.access import Actor, visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, sole_tenant_of_new, visible_row, writable_tenant
from tenants.models import Role

router = Router(tags=["WeCom apps"])
AppName = Annotated[str, schema_of_column(WeComApp, "app_name")]
CorpId = Annotated[str, schema_of_column(WeComApp, "corp_id")]
AgentId = Annotated[int, schema_of_column(WeComApp, "agent_id")]
Secret = Annotated[str, schema_of_column(WeComApp, "corp_secret")]
EXAMPLE: dict[str, Any] = {
    "tenant_id": "default",
    "app_name": "Duty",
    "corp_id": "ww0123456789abcdef",
    "agent_id": 1000002,
    "corp_secret": "…",
    "to_user": "zhangsan|lisi",
}


class AppFields(DestinationFields):
    app_name: AppName = ""
    corp_id: CorpId = ""
    agent_id: AgentId = 0
    corp_secret: Secret = ""
    """It is never returned, only whether it is set: `corp_secret_set`."""
    api_base: Annotated[WebAddress, schema_of_column(WeComApp, "api_base")] | None = None
    """null is the public address. Use a gateway of your own where WeCom must see one trusted address."""
    to_user: Annotated[str, schema_of_column(WeComApp, "to_user")] | None = None
    """Ids with | between, or @all for everybody: the recipients of messages that name none themselves."""
    to_party: Annotated[str, schema_of_column(WeComApp, "to_party")] | None = None
    to_tag: Annotated[str, schema_of_column(WeComApp, "to_tag")] | None = None


class AppNew(AppFields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    app_name: AppName
    corp_id: CorpId
    agent_id: AgentId
    corp_secret: Secret


class AppFilters(PageQuery):
    tenant_id: TenantCode | None = None
    is_enabled: Flag | None = None
    ordering: Literal["id", "-id", "app_name", "-app_name"] = "id"


class AppShown(Schema):
    id: int
    tenant_id: str
    app_name: str
    corp_id: str
    agent_id: int
    corp_secret_set: bool
    api_base: str
    to_user: str
    to_party: str
    to_tag: str
    is_enabled: bool
    proxy_url: str
    max_attempts: int
    last_error: str
    last_error_at: datetime | None
    last_ok_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_corp_secret_set(app: WeComApp) -> bool:
        return bool(app.corp_secret)

    @staticmethod
    def resolve_proxy_url(app: WeComApp) -> str:
        return mask_url(app.proxy_url)


AppFields.shown_only = AppShown.model_fields.keys() - AppFields.model_fields.keys()


@router.get("", response=answers({200: PageOf[AppShown]}, 422), summary="List WeCom apps")
def list_wecom_apps(request: HttpRequest, query: Query[AppFilters]) -> Any:
    """`search` looks for a text in the name."""
    found = visible_to(WeComApp.objects.order_by(query.ordering, "-id"), caller(request))
    found = found.filter(**query.model_dump(include={"tenant_id", "is_enabled"}, exclude_none=True))
    return page_of(found.filter(app_name__icontains=query.search), query)


@router.post("", response=answers({201: AppShown}, 403, 422), summary="Create a WeCom app")
def create_wecom_app(request: HttpRequest, body: AppNew) -> Any:
    actor = caller(request)
    tenant_id = sole_tenant_of_new(body, actor)
    columns = _columns(WeComApp(tenant_id=tenant_id), body, actor) | {"tenant_id": tenant_id}
    return Status(201, rows.create(WeComApp(**columns), actor))


def _columns(app: WeComApp, sent: AppFields, actor: Actor) -> dict[str, Any]:
    """Return the fields that were sent, as columns. Raises UnprocessableError, ForbiddenError for the tenant."""
    columns = sent.model_dump(include=sent.model_fields_set)
    if columns.get("tenant_id", app.tenant_id) != app.tenant_id:
        columns["tenant_id"] = writable_tenant(columns["tenant_id"], actor)
    if "proxy_url" in columns:
        columns["proxy_url"] = unmasked("proxy_url", columns["proxy_url"] or "", app.proxy_url)
    return {name: "" if value is None else value for name, value in columns.items()}


@router.get("/{int:app_id}", response=answers({200: AppShown}, 404), summary="Read a WeCom app")
def get_wecom_app(request: HttpRequest, app_id: int) -> Any:
    return visible_row(WeComApp.objects.all(), caller(request), pk=app_id)


@router.put("/{int:app_id}", response=answers({200: AppShown}, 403, 404, 422), summary="Change a WeCom app")
def update_wecom_app(request: HttpRequest, app_id: int, body: AppFields) -> Any:
    """Fields that are left out keep their values."""
    actor = caller(request)
    app = allowed_row(WeComApp.objects.all(), actor, Role.ADMIN, pk=app_id)
    return rows.change(app, _columns(app, body, actor), actor)


@router.delete("/{int:app_id}", response=answers({204: None}, 403, 404, 409), summary="Delete a WeCom app")
def delete_wecom_app(request: HttpRequest, app_id: int) -> Any:
    """The status is 409, with the names of the tasks, while tasks send through it."""
    actor = caller(request)
    app = allowed_row(WeComApp.objects.all(), actor, Role.ADMIN, pk=app_id)
    try:
        rows.delete(app, actor)
    except rows.RowInUseError as error:
        names = _("These tasks use this application: %(names)s") % {"names": ", ".join(error.names)}
        raise ConflictError(names, code="in_use") from error
    return Status(204, None)


@router.post(
    "/{int:app_id}/test", response=answers({200: TrialShown}, 403, 404, 409, 422), summary="Send a test"
)
def try_wecom_app(request: HttpRequest, app_id: int, body: Trial | None = None) -> Any:
    """The message goes to the row's people. The status is 200 even where WeCom refuses it: the body has its answer."""
    actor = caller(request)
    return send_test(allowed_row(WeComApp.objects.all(), actor, Role.OPERATOR, pk=app_id), body, actor)
