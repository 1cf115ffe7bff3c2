from django.db import migrations, models


class Migration(migrations.Migration):
    """Create runs_to_publish after runs_on_their_way.

    Of two indexes that find the same rows MySQL takes the older one, and only runs_on_their_way has the ended runs of a
    status in the order of lists.
    """

    dependencies = [
        ("scheduling", "0011_kinds_of_the_registry"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="run", name="runs_to_publish"),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["status", "not_before"], name="runs_to_publish"),
        ),
    ]
