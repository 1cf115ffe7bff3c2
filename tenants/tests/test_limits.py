"""How many secrets and settings a tenant may keep, and which settings are secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Secret, TenantConfig
from tenants.secret_names import is_secret_name
from tenants.secrets import secret_value
from testing.callers import fields, has_chinese, member, superuser, tenant
from testing.world import listing, world

pytestmark = pytest.mark.django_db


def test_one_secret_more_than_a_tenant_may_keep_is_refused_in_words(settings: Any) -> None:
    settings.MAX_SECRETS = 2
    admin = member("admin")
    body = {"tenant_id": "acme", "value": "some value"}
    assert [admin.post("/secrets", body | {"secret_key": f"K{n}"}).status_code for n in range(3)] == [
        201,
        201,
        422,
    ]
    refused = admin.in_language("zh-hans").post("/secrets", body | {"secret_key": "K3"})
    assert has_chinese(refused.json()["errors"][0]["message"])
    assert superuser().post("/secrets", {"secret_key": "GLOBAL", "value": "some value"}).status_code == 201


def test_one_setting_more_than_a_tenant_may_keep_is_refused(settings: Any) -> None:
    settings.MAX_TENANT_CONFIGS = 1
    admin = member("admin")
    body = {"tenant_id": "acme", "app_code": "crm"}
    codes = [admin.post("/tenant-configs", body | {"config_key": f"k{n}"}).status_code for n in range(2)]
    assert codes == [201, 422]


@pytest.mark.parametrize("path", ["/secrets", "/tenant-configs"])
def test_a_value_that_is_too_long_is_refused_by_its_field(settings: Any, path: str) -> None:
    settings.MAX_SECRET_BYTES = 64
    body = {"tenant_id": "acme", "value": "中" * 22}
    body |= {"secret_key": "K"} if path == "/secrets" else {"app_code": "a", "config_key": "k"}
    assert fields(member("admin").post(path, body)) == {"value"}


def test_a_long_value_of_before_may_stay_but_not_be_made_longer(settings: Any) -> None:
    row = rows.create(Secret(tenant=tenant(), secret_key="K", value="x" * 100), SYSTEM)
    settings.MAX_SECRET_BYTES = 64
    rows.change(row, {"description": "an old one"}, SYSTEM)
    with pytest.raises(ValidationError):
        rows.change(row, {"value": "x" * 101}, SYSTEM)


def test_the_form_says_the_same(settings: Any) -> None:
    settings.MAX_SECRETS = 1
    ours = world()
    rows.create(Secret(tenant=ours.ours, secret_key="K", value="some value"), SYSTEM)
    values = {"tenant": ours.ours.code, "secret_key": "L", "value": "some value"}
    answer = ours.client("admin").post(listing(Secret) + "add/", values)
    assert answer.context["adminform"].form.non_field_errors()
    assert Secret.objects.count() == 1


@pytest.mark.parametrize("scope", [None, "acme"])
def test_the_database_keeps_one_secret_of_a_key(scope: str | None) -> None:
    tenant()
    Secret.objects.create(tenant_id=scope, secret_key="K", value="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Secret.objects.create(tenant_id=scope, secret_key="K", value="two")
    assert secret_value(scope, "K") == "one"


def test_the_form_refuses_a_second_global_secret_of_a_key() -> None:
    client = world().client("superuser")
    Secret.objects.create(secret_key="K", value="one")
    answer = client.post(listing(Secret) + "add/", {"tenant": "", "secret_key": "K", "value": "two"})
    assert set(answer.context["adminform"].form.errors) == {"secret_key"}


def test_secrets_whose_keys_differ_in_case_or_accent_are_different() -> None:
    tenant()
    for key in ("TOK", "tok", "tök", "tok "):
        Secret.objects.create(tenant_id="acme", secret_key=key, value=f"of {key}")
    assert {key: secret_value("acme", key) for key in ("TOK", "tok", "tök", "tok ", "Tok")} == {
        "TOK": "of TOK",
        "tok": "of tok",
        "tök": "of tök",
        "tok ": "of tok ",
        "Tok": None,
    }


def test_a_search_within_keys_ignores_case() -> None:
    Secret.objects.create(secret_key="CRM_TOKEN", value="some value")
    assert superuser().get("/secrets", search="crm_tok").json()["total"] == 1


def test_two_tenants_whose_codes_differ_in_case_only_are_refused() -> None:
    tenant("acme")
    assert superuser().post("/tenants", {"code": "ACME", "name": "x"}).status_code in (409, 422)


NAMED = ["key", "api_key", "apiKey", "API-KEY", "crm.token", "clientSecret", "db_password", "TOKEN"]


@pytest.mark.parametrize("key", NAMED)
def test_a_setting_named_like_a_secret_is_one(key: str) -> None:
    row = rows.create(TenantConfig(tenant=tenant(), app_code="a", config_key=key, value="v"), SYSTEM)
    assert row.is_secret


@pytest.mark.parametrize("key", ["monkey", "keyboard", "token_url", "base_url", "secretary"])
def test_another_name_is_no_secrets(key: str) -> None:
    assert not is_secret_name(key)


def test_who_says_so_keeps_a_setting_readable() -> None:
    admin = member("admin")
    body = {"tenant_id": "acme", "app_code": "a", "config_key": "sort_key", "value": "v"}
    assert admin.post("/tenant-configs", body).json()["is_secret"] is True
    shown = admin.post("/tenant-configs", body | {"app_code": "b", "is_secret": False}).json()
    assert (shown["is_secret"], shown["value"]) == (False, "v")


@pytest.mark.parametrize(
    ("said", "secret"), [("unknown", True), ("", True), ("false", False), ("true", True)]
)
def test_the_form_takes_the_name_unless_somebody_says(said: str, secret: bool) -> None:
    ours = world()
    values = {
        "tenant": ours.ours.code,
        "app_code": "a",
        "config_key": "api_key",
        "value": "v",
        "is_secret": said,
    }
    ours.client("admin").post(listing(TenantConfig) + "add/", values)
    assert TenantConfig.objects.get().is_secret is secret
