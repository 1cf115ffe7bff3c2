"""`manage.py bench [NAME…]`: runs `make bench`, under the name that people look for."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from platform_site.config.data_dir import BASE_DIR


class Command(BaseCommand):
    help = "Measures performance against yardsticks, with its own MariaDB and Redis (docs/benchmarks.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="names of measures; all by default")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (BASE_DIR / "bench").is_dir():
            raise CommandError("The image contains no benchmarks: run them from a checkout.")
        os.execvp(  # noqa: S606  no shell on purpose
            "make", ["make", "-C", str(BASE_DIR), "bench", f"ONLY={' '.join(options['names'])}"]
        )
