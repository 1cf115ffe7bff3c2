"""`manage.py up`: runs the whole platform in the foreground."""

from __future__ import annotations

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from platform_site.up.guard import end_with_parent
from platform_site.up.prepare import run


class Command(BaseCommand):
    help = (
        "Starts Redis, web, beat, the workers for io, notify and script, and Flower, and stops them together."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--end-with-parent", action="store_true", help="stop when the calling process is killed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        parent = os.getppid()
        if options["end_with_parent"] and not end_with_parent(signal.SIGTERM, parent):
            return
        run()
