from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0016_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="scheduledtask",
            name="tags",
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="tags"),
        ),
    ]
