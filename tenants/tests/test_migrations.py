"""What the migrations do to rows that were there before."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenants.models import Secret, TenantConfig
from tenants.secrets import secret_value


@pytest.mark.django_db(transaction=True)
def test_doubled_global_secrets_and_named_settings_are_told_and_nothing_is_lost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("tenants", "0001_initial")])
    apps = executor.loader.project_state([("tenants", "0001_initial")]).apps
    try:
        tenants, secrets = apps.get_model("tenants", "Tenant"), apps.get_model("tenants", "Secret")
        configs = apps.get_model("tenants", "TenantConfig")
        acme = tenants.objects.create(code="acme", name="Acme")
        for value in ("oldest", "older", "youngest"):
            secrets.objects.create(secret_key="K", value=value)
        secrets.objects.create(tenant=acme, secret_key="K", value="acme's")
        for key in ("api_key", "base_url"):
            configs.objects.create(tenant=acme, app_code="crm", config_key=key, value="v")
    finally:
        MigrationExecutor(connection).migrate(latest)
    output = capsys.readouterr().out
    assert (secret_value(None, "K"), secret_value("acme", "K")) == ("youngest", "acme's")
    renamed = Secret.objects.filter(secret_key__startswith="K.duplicate-")
    assert {row.value for row in renamed} == {"oldest", "older"}
    assert all(row.secret_key in output for row in renamed)
    assert dict(TenantConfig.objects.values_list("config_key", "is_secret")) == {
        "api_key": True,
        "base_url": False,
    }
    assert "crm.api_key of acme" in output
