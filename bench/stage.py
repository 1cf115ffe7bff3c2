"""The empty platform that each measure begins with."""

from __future__ import annotations

import sys

from django.core.management import call_command
from django.db import connection

from common.redis_client import client


def build() -> None:
    if connection.introspection.table_names():
        sys.exit("DATABASE_URL names a database that is in use: measures empty it.")
    call_command("migrate", verbosity=0)


def clear() -> None:
    call_command("flush", interactive=False, verbosity=0)
    client().flushall()
