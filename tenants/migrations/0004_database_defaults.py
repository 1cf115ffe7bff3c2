"""An INSERT that names the columns of the system before, and no others, is taken."""

from __future__ import annotations

from django.db import migrations, models

from common.framework.table_defaults import GiveDefaults, UtcNow


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_tokens_made_by_tokens")]

    operations = [
        migrations.AlterField(
            "tenant",
            "max_running",
            models.PositiveIntegerField(
                blank=True,
                help_text="Leave empty to use the platform's setting.",
                null=True,
                verbose_name="runs at once",
            ),
        ),
        migrations.AlterField(
            "tenant",
            "max_tasks",
            models.PositiveIntegerField(
                blank=True,
                help_text="Leave empty to use the platform's setting.",
                null=True,
                verbose_name="maximum tasks",
            ),
        ),
        GiveDefaults(
            "tenant",
            {
                "is_enabled": True,
                "alert_webhook": "",
                "created_at": UtcNow(),
                "updated_at": UtcNow(),
            },
        ),
        GiveDefaults(
            "tenantconfig",
            {
                "value": "",
                "is_secret": True,
            },
        ),
        GiveDefaults(
            "secret",
            {
                "is_shared": False,
                "description": "",
                "created_at": UtcNow(),
                "updated_at": UtcNow(),
            },
        ),
    ]
