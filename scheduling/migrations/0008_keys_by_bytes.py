"""Keys that programs ask for are compared character by character on MySQL, too: it took `k` and `K` for the same."""

from __future__ import annotations

from django.db import migrations

from common.fields import KeyField


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0007_window_cursor")]

    operations = [
        migrations.AlterField("calendar", "code", KeyField(max_length=50, verbose_name="code")),
        migrations.AlterField(
            "calendar",
            "scope_key",
            KeyField(
                editable=False,
                help_text="<tenant's code>:<code>: unique also where the tenant is NULL.",
                max_length=101,
                unique=True,
            ),
        ),
        migrations.AlterField("datasource", "name", KeyField(max_length=100, verbose_name="name")),
        migrations.AlterField(
            "datasource",
            "scope_key",
            KeyField(
                editable=False,
                help_text="<tenant's code>:<name>: unique also where the tenant is NULL.",
                max_length=170,
                unique=True,
            ),
        ),
        migrations.AlterField("scriptvar", "var_key", KeyField(max_length=100, verbose_name="key")),
        migrations.AlterField(
            "scriptvar",
            "scope_key",
            KeyField(
                editable=False,
                help_text="task:<id>:<key> or tenant:<code>:<key>: unique also where a column is NULL.",
                max_length=170,
                unique=True,
            ),
        ),
    ]
