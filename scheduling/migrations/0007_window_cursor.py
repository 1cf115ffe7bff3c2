from django.db import migrations, models


def to_whole_seconds(apps, schema_editor):
    """What lies behind the second was asked for already: Dify and webhooks are given whole seconds."""
    tasks = apps.get_model("scheduling", "ScheduledTask").objects
    for pk, cursor in tasks.exclude(last_end_time=None).order_by().values_list("pk", "last_end_time"):
        if cursor.microsecond:
            tasks.filter(pk=pk).update(last_end_time=cursor.replace(microsecond=0))


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0006_arrears"),
    ]

    operations = [
        migrations.AlterField(
            model_name="scheduledtask",
            name="last_end_time",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="next window's start"
            ),
        ),
        migrations.RunPython(to_whole_seconds, migrations.RunPython.noop),
    ]
