from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0014_success_condition"),
    ]

    operations = [
        migrations.AddField(
            model_name="backfill",
            name="sends_messages",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Without this, one summary is sent to the task's channels when all runs have ended.",
                verbose_name="send each run's message",
            ),
        ),
    ]
