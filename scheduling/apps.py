from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = _("Scheduling")

    def ready(self) -> None:
        post_migrate.connect(keep_official_calendars, sender=self)


def keep_official_calendars(using: str, apps: Apps = installed, **signal: Any) -> None:
    """Create the rows of the official calendars, so that their days can be edited like others'.

    After a backward migration there may be no table.
    """
    from scheduling.models.calendar import OFFICIAL, Calendar, calendar_key  # noqa: PLC0415  # no models yet

    try:
        apps.get_model("scheduling", "Calendar")
    except LookupError:
        return
    for code in OFFICIAL:
        Calendar.objects.using(using).get_or_create(
            scope_key=calendar_key(None, code), defaults={"code": code, "based_on": code}
        )
