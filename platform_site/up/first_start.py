"""What `manage.py up` makes once in a new database: the first login, tenant and token."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from platform_site.config.data_dir import write_file_once
from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import Tenant

ADMIN = "admin"
TENANT = "default"


def make_login(folder: Path) -> str:
    """Make the first login and return its password, "" where the database has users already.

    The files come first and the rows in one transaction: a start killed in between goes on with the same
    password and token.
    """
    if User.objects.exists():
        return ""
    password = write_file_once(folder, "admin-password", settings.ADMIN_PASSWORD or secrets.token_urlsafe(15))
    make_rows(password, write_file_once(folder, "api-token", tokens.PREFIX + secrets.token_urlsafe(32)))
    return password


def make_rows(password: str, token: str = "") -> bool:
    """Make superuser, tenant and, where one is given, API token, in one transaction.

    Return False, with nothing made, where there are users already.
    """
    if User.objects.exists():
        return False
    with transaction.atomic():
        Tenant.objects.get_or_create(code=TENANT, defaults={"name": "Default"})
        admin = User.objects.create_superuser(ADMIN, password=password)
        if token:
            tokens.issue(admin, "created at the first start", SYSTEM, plain=token)
    return True
