from django.db import migrations, models


class Migration(migrations.Migration):
    """With a default in the database: processes of the release before go on writing rows without it."""

    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="trace_id",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="Of the run it tells of.", max_length=100
            ),
        ),
    ]
