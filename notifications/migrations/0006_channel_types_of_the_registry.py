from django.db import migrations, models

import notifications.channel_types


class Migration(migrations.Migration):
    """Changes no table: the choices are those of `notifications.channel_types` from now on, whatever types there are."""

    dependencies = [("notifications", "0005_database_defaults")]

    operations = [
        migrations.AlterField(
            "notifychannel",
            "channel_type",
            models.CharField(choices=notifications.channel_types.choices, max_length=20, verbose_name="type"),
        ),
    ]
