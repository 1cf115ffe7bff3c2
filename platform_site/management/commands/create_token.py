"""`manage.py create_token NAME`: makes an API token, which is printed once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.ruled import one_line
from platform_site.up.first_start import ADMIN
from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import Role, Tenant


class Command(BaseCommand):
    help = "Prints a new API token of a user. It can only narrow what that user may do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what it is for")
        parser.add_argument("--user", default=ADMIN, help=f"whose it is; {ADMIN} when left out")
        parser.add_argument("--tenant", help="code of the only tenant it may see")
        parser.add_argument("--role", choices=Role.values, default="", help="the most it may do")
        parser.add_argument("--days", type=int, help="how long it is valid; for ever when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']!r}.")
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if options["tenant"] and tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        try:
            ends = timezone.now() + timedelta(days=options["days"]) if options["days"] is not None else None
            _, plain = tokens.issue(
                user, options["name"], SYSTEM, tenant=tenant, role=options["role"], expires_at=ends
            )
        except OverflowError:
            raise CommandError("--days: this is longer than any calendar.") from None
        except ValidationError as error:
            raise CommandError(one_line(error)) from error
        self.stdout.write(plain)
