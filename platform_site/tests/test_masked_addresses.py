"""A mask with anything else around it is never stored, whichever door it comes in by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications.models import NotifyChannel, WeComApp
from scheduling.acts.default_task import get_or_create
from scheduling.tests import make
from tenants.models import Tenant
from testing.callers import fields, member, superuser, tenant
from testing.world import ROBOT_URL, World, world

pytestmark = pytest.mark.django_db
STORED = ROBOT_URL
SHOWN = STORED.replace("0123456789abcdef-robot-token", "***oken")
MOVED = SHOWN.replace("oapi.dingtalk.com", "elsewhere.example.com")
PROXY = "http://user:0123456789-canary@proxy.example:3128"


def _channel() -> tuple[str, str, Any]:
    row = NotifyChannel.objects.create(
        tenant=tenant(), channel_name="c", channel_type="dingtalk_bot", webhook_url=STORED
    )
    return f"/notification-channels/{row.pk}", "webhook_url", row


def _app() -> tuple[str, str, Any]:
    row = WeComApp.objects.create(
        tenant=tenant(), app_name="a", corp_id="ww1", agent_id=1, corp_secret="s", proxy_url=PROXY
    )
    return f"/wecom-apps/{row.pk}", "proxy_url", row


def _tenant() -> tuple[str, str, Any]:
    row = tenant()
    Tenant.objects.filter(pk=row.pk).update(alert_webhook=STORED)
    return f"/tenants/{row.code}", "alert_webhook", Tenant.objects.get(pk=row.pk)


def _task() -> tuple[str, str, Any]:
    row = make.task(timezone.now(), tenant=tenant(), execution_type="webhook", webhook_url=STORED)
    return f"/scheduled-tasks/{row.pk}", "webhook_url", row


def _alerts() -> tuple[str, str, Any]:
    row = make.task(timezone.now(), tenant=tenant(), alert_webhook=STORED)
    return f"/scheduled-tasks/{row.pk}", "alert_webhook", row


@pytest.mark.parametrize("place", [_channel, _app, _tenant, _task, _alerts])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_masked_address_with_another_host_is_refused_by_its_field(
    place: Callable[[], tuple[str, str, Any]], language: str
) -> None:
    path, name, row = place()
    sent = MOVED if name != "proxy_url" else "http://***@elsewhere.example:3128"
    refused = superuser().in_language(language).put(path, {name: sent})
    assert (refused.status_code, fields(refused)) == (422, {name})
    before = getattr(row, name)
    row.refresh_from_db()
    assert getattr(row, name) == before


def test_a_masked_header_of_another_name_is_refused() -> None:
    row = make.task(
        timezone.now(),
        tenant=tenant(),
        execution_type="webhook",
        webhook_url=STORED,
        webhook_headers='{"A": "0123456789beef"}',
    )
    admin, path = member("admin"), f"/scheduled-tasks/{row.pk}"
    assert fields(admin.put(path, {"webhook_headers": {"B": "***beef"}})) == {"webhook_headers"}
    assert admin.put(path, {"webhook_headers": {"A": "***beef"}}).status_code == 200


def test_a_masked_key_of_the_default_task_is_refused() -> None:
    get_or_create(timezone.now())
    refused = superuser().post("/config", {"dify_api_key": "***beef"})
    assert (refused.status_code, fields(refused)) == (422, {"dify_api_key"})


def test_the_form_refuses_it_too() -> None:
    ours: World = world()
    page = reverse("admin:notifications_notifychannel_change", args=[ours.channel.pk])
    client = ours.client("admin")
    form = client.get(page).context["adminform"].form
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert values["webhook_url"] == SHOWN
    answer = client.post(page, values | {"webhook_url": MOVED})
    assert set(answer.context["adminform"].form.errors) == {"webhook_url"}
    ours.channel.refresh_from_db()
    assert ours.channel.webhook_url == STORED
