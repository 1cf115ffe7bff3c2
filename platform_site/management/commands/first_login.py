"""`manage.py first_login`: makes the first login in a database that a container has just migrated.

`make up` does so by itself.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from platform_site.up.first_start import ADMIN, make_rows


class Command(BaseCommand):
    help = (
        "Creates the superuser `admin` with ADMIN_PASSWORD and the tenant `default`, if there "
        "are no users yet."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ADMIN_PASSWORD:
            raise CommandError("ADMIN_PASSWORD is not set.")
        is_new = make_rows(settings.ADMIN_PASSWORD)
        if options["verbosity"]:
            self.stdout.write(
                f"Created the login {ADMIN}." if is_new else "There are already users: nothing was created."
            )
