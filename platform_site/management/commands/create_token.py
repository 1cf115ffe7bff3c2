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
    help = (
        "Creates an API token for a user and prints it. The token can have fewer rights than the "
        "user, but never more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="name of the token, such as its purpose")
        parser.add_argument("--user", default=ADMIN, help=f"name of the user; {ADMIN} by default")
        parser.add_argument("--tenant", help="code of the only tenant that it may access")
        parser.add_argument(
            "--role", choices=Role.values, default="", help="its role, an upper limit of what it may do"
        )
        parser.add_argument("--days", type=int, help="days until it expires; never by default")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"The user {options['user']!r} does not exist.")
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if options["tenant"] and tenant is None:
            raise CommandError(f"The tenant {options['tenant']!r} does not exist.")
        try:
            ends = timezone.now() + timedelta(days=options["days"]) if options["days"] is not None else None
            _, plain = tokens.issue(
                user, options["name"], SYSTEM, tenant=tenant, role=options["role"], expires_at=ends
            )
        except OverflowError:
            raise CommandError(
                "--days is too large: the token would expire after the last possible date."
            ) from None
        except ValidationError as error:
            raise CommandError(one_line(error)) from error
        self.stdout.write(plain)
