"""A token remembers the token that made it: it is revoked with it. Of older ones nobody knows."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_keys_and_secret_settings")]

    operations = [
        migrations.AddField(
            "apitoken",
            "made_by",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="made",
                to="tenants.apitoken",
                verbose_name="made by",
            ),
        ),
    ]
