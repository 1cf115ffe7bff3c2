from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0012_index_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="waits",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Judged: it may be published, and is neither missed nor skipped any more.",
            ),
        ),
    ]
