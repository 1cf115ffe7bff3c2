"""`manage.py send_test CHANNEL`: sends a test message and prints the service's answer."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from common.visible import visible
from notifications import trial
from notifications.models import Destination, NotifyChannel, WeComApp
from tenants.access import SYSTEM


class Command(BaseCommand):
    help = (
        "Sends a test message and prints the service's response. Exit codes: 0 the message has "
        "arrived, 1 it has not, 2 the channel does not exist, or the name is ambiguous."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("channel", help="ID or name of a channel, or name of a WeCom app")
        parser.add_argument(
            "--text", help="text of the message in Markdown; by default it says that it is a test"
        )
        parser.add_argument("--json", action="store_true", help="print the response as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        destination = destination_named(options["channel"])
        try:
            report = trial.report_of(
                trial.send(destination, SYSTEM, options["text"] or trial.default_text(), timezone.now)
            )
        except trial.DestinationBusyError:
            raise CommandError(
                "Another message is being sent to this robot: try again in a moment."
            ) from None
        self.stdout.write(
            json.dumps(asdict(report), ensure_ascii=False) if options["json"] else report_text(report)
        )
        if not report.ok:
            sys.exit(1)


def destination_named(name: str) -> Destination:
    """Find the channel by its id or name, or the WeCom app by its name.

    Raises CommandError where there is none, or several of that name.
    """
    if name.isdecimal() and (channel := NotifyChannel.objects.filter(pk=int(name)).first()):
        return channel
    found: list[Destination] = [
        *NotifyChannel.objects.filter(channel_name=name),
        *WeComApp.objects.filter(app_name=name),
    ]
    if not found:
        raise CommandError(f"The channel {name!r} does not exist.", returncode=2)
    if len(found) > 1:
        ids = ", ".join(f"{row.tenant_id}: {row.kind} {row.pk}" for row in found)
        raise CommandError(f"Several channels are called {name!r}: give the ID of one: {ids}", returncode=2)
    return found[0]


def report_text(report: trial.SendReport) -> str:
    answer = f"{report.errcode} {report.errmsg}".strip()
    return visible("\n".join(filter(None, ["arrived" if report.ok else "not sent", answer, report.note])))
