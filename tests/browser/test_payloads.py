"""Nothing that a tenant can write runs in a superuser's browser, whatever the field and whatever the page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from playwright.sync_api import Page

from notifications.channel_types import WITH_RENDERER
from notifications.models import Delivery, DeliveryKind
from scheduling.acts import tasks
from scheduling.models import Run, RunLine, TaskVersion
from tenants.access import SYSTEM
from testing.every_page import a_row_of_everything, every_page
from testing.world import World, page
from tests.browser.conftest import Open
from tests.browser.payloads import EVERYTHING, MESSAGES, PAYLOADS

# What a page reads as something else than text: zones, codes of tenants, columns that forms choose from.
KEPT = {
    *(
        "code",
        "tenant_code",
        "timezone",
        "calendar",
        "cron_expression",
        "password",
        "action_flag",
        "object_id",
    ),
    *(
        "webhook_method",
        "channel_type",
        "robot",
        "busy_robot",
        "scope_key",
        "day",
        "minute",
        "hour",
        "day_of_week",
    ),
    *(
        "day_of_month",
        "month_of_year",
        "app_label",
        "session_key",
        "content_hash",
        "token_hash",
        "digest",
        "args",
    ),
    *("kwargs", "headers", "model", "key_hash", "username"),
}
HIT = "window.hits = 0; window.hit = () => { window.hits += 1; return '' }"


def poison(world: World) -> None:
    """Write a payload into each column of each row that holds a text."""
    tasks.update(
        world.task.pk,
        lambda task: setattr(task, "script_content", repr(EVERYTHING)),
        SYSTEM,
        timezone.now(),
    )
    run = Run.objects.filter(task=world.task).latest("pk")
    RunLine.objects.bulk_create(
        RunLine(run=run, seq=seq, at=timezone.now(), stream="stdout", text=text)
        for seq, text in enumerate(PAYLOADS, 1)
    )
    texts = cycle(PAYLOADS)
    shown: list[type[models.Model]] = [*admin.site._registry, TaskVersion]
    for model in shown:
        for row in model._default_manager.all()[:40]:
            for field in model._meta.concrete_fields:
                _write(row, field, texts)


def _write(row: models.Model, field: models.Field[Any, Any], texts: Iterator[str]) -> None:
    if field.name in KEPT or field.choices or field.primary_key or field.is_relation:
        return
    value: Any = None
    if type(field) is models.TextField:
        value = EVERYTHING
    elif type(field) is models.CharField:
        value = next(text for text in texts if len(text) <= (field.max_length or 0))
    elif type(field) is models.JSONField and field.name in (
        "params",
        "input_params",
        "result",
        "dify_inputs",
    ):
        value = {"payloads": list(PAYLOADS)}
    if value is None:
        return
    try:
        with transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: value})
    except IntegrityError:  # a unique one, which another row of it has: the row's other columns say enough
        pass


def watched(shown: Page) -> Page:
    shown.context.add_init_script(HIT)
    shown.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    return shown


def unhurt(shown: Page) -> None:
    hits = [frame.evaluate("window.hits ?? 0") for frame in shown.frames if frame == shown.main_frame]
    assert hits == [0], shown.url
    assert shown.locator("iframe.message script, [x-init*=hit], [onerror*=hit], [onload*=hit]").count() == 0


def test_nothing_in_any_column_runs_on_any_page(world: World, open_page: Open) -> None:
    a_row_of_everything(world)
    poison(world)
    User.objects.filter(username="viewer").update(
        first_name="<svg onload=hit()>", last_name="' x-init='hit()"
    )
    shown = watched(open_page("/admin/login/", who="superuser"))
    request = world.client("superuser").get("/admin/").wsgi_request
    for address in every_page(request, world):
        answer = shown.goto(address)
        assert answer
        assert answer.status < 500, address
        unhurt(shown)


def test_no_message_runs_in_the_page_that_shows_it(world: World, open_page: Open) -> None:
    shown = watched(open_page("/admin/login/", who="superuser"))
    now = timezone.now()
    for kind in WITH_RENDERER:
        for result in MESSAGES:
            row = Delivery.objects.create(
                tenant=world.ours, channel=world.channel, channel_type=kind, robot="1", kind=DeliveryKind.RESULT,
                title=PAYLOADS[3], message=result, msg_uuid="1", next_attempt_at=now, created_at=now,
                error=EVERYTHING, errmsg=PAYLOADS[3], response=EVERYTHING,
            )  # fmt: skip
            shown.goto(page(row))
            frame = shown.frame_locator("iframe.message")
            frame.locator(".chat").wait_for()
            assert (
                frame.locator("script, style, svg, iframe, [x-data], [x-init], [onerror], [onload]").count()
                == 0
            )
            unhurt(shown)
