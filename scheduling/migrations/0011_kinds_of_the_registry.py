from django.db import migrations, models

import scheduling.kinds


class Migration(migrations.Migration):
    """Changes no table: the choices are those of `scheduling.kinds` from now on, whatever kinds there are."""

    dependencies = [("scheduling", "0010_database_defaults")]

    operations = [
        migrations.AlterField(
            "run",
            "execution_type",
            models.CharField(
                choices=scheduling.kinds.choices, db_default="script", max_length=10, verbose_name="kind"
            ),
        ),
        migrations.AlterField(
            "scheduledtask",
            "execution_type",
            models.CharField(
                choices=scheduling.kinds.choices,
                db_default="script",
                default="script",
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
