"""Secrets get a key that is unique also without a tenant; settings named like secrets become secret.

What it finds is printed, and nothing is lost: of global secrets with one key, which were found by chance, the youngest
keeps it, the others are called `<key>.duplicate-<id>`.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

import common.fields
from tenants.secret_names import is_secret_name


def name_scopes(apps: Any, schema_editor: Any) -> None:
    taken: set[str] = set()
    for row in apps.get_model("tenants", "Secret").objects.order_by("-pk").defer("value"):
        key = row.secret_key
        if f"{row.tenant_id or ''}:{key}" in taken:
            suffix = f".duplicate-{row.pk}"
            row.secret_key = f"{key[: 100 - len(suffix)]}{suffix}"
            print(
                f"\n  Secret {row.pk}: there is another one with the key {key}, it is called {row.secret_key} now."
            )
        row.scope_key = f"{row.tenant_id or ''}:{row.secret_key}"
        taken.add(row.scope_key)
        row.save(update_fields=["secret_key", "scope_key"])


def hide_named_secrets(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("tenants", "TenantConfig").objects.filter(is_secret=False)
    for pk, tenant, app, key in rows.values_list("pk", "tenant_id", "app_code", "config_key"):
        if is_secret_name(key):
            rows.filter(pk=pk).update(is_secret=True)
            print(f"\n  Tenant setting {app}.{key} of {tenant} is named like a secret and is one now.")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AlterField(
            "tenantconfig", "app_code", common.fields.KeyField(max_length=50, verbose_name="application")
        ),
        migrations.AlterField(
            "tenantconfig", "config_key", common.fields.KeyField(max_length=100, verbose_name="key")
        ),
        migrations.AlterField("tenantconfig", "is_secret", models.BooleanField(verbose_name="secret")),
        migrations.AlterField(
            "secret", "secret_key", common.fields.KeyField(max_length=100, verbose_name="key")
        ),
        migrations.AddField(
            "secret", "scope_key", common.fields.KeyField(max_length=170, null=True, editable=False)
        ),
        migrations.RunPython(name_scopes, migrations.RunPython.noop),
        migrations.RunPython(hide_named_secrets, migrations.RunPython.noop),
        migrations.AlterField(
            "secret",
            "scope_key",
            common.fields.KeyField(
                editable=False,
                help_text="<tenant's code>:<key>: unique also where the tenant is NULL.",
                max_length=170,
                null=True,
                unique=True,
            ),
        ),
        migrations.RemoveConstraint("secret", "one_secret_per_key"),
    ]
