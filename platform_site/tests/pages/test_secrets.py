"""No page gives a secret away, no log keeps one."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import reverse

from common.fields import encrypted_columns
from scheduling.models import ScheduledTask
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import AuditEntry, Secret, TenantConfig
from testing.world import ROBOT_TOKEN, SIGN_SECRET, World

PLAIN = "very-secret-value-4711"


def test_every_page_with_encrypted_columns_uses_the_write_only_form() -> None:
    for model, page in admin.site._registry.items():
        if encrypted_columns(model):
            assert issubclass(page.form, WriteOnlyForm), model


@pytest.fixture
def pages(world: World) -> list[str]:
    ScheduledTask.objects.filter(pk=world.task.pk).update(
        dify_api_key=PLAIN,
        webhook_secret=PLAIN,
        webhook_headers=f'{{"Authorization": "{PLAIN}"}}',
        webhook_url=f"https://example.com/hooks/{PLAIN}",
        alert_webhook=f"https://example.com/?token={PLAIN}",
    )
    type(world.ours).objects.filter(pk=world.ours.pk).update(
        alert_webhook=f"https://example.com/?key={PLAIN}"
    )
    secret = Secret.objects.create(tenant=world.ours, secret_key="k", value=PLAIN)
    config = TenantConfig.objects.create(
        tenant=world.ours, app_code="a", config_key="k", value=PLAIN, is_secret=True
    )
    return [
        reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        for row in (world.task, world.channel, world.ours, secret, config)
    ] + [reverse("admin:tenants_tenantconfig_changelist"), reverse("admin:tenants_secret_changelist")]


@pytest.mark.parametrize("who", ["viewer", "operator", "admin", "superuser"])
def test_nobody_is_shown_a_secret(world: World, pages: list[str], who: str) -> None:
    client = world.client(who)
    for address in pages:
        shown = client.get(address).content.decode()
        for plain in (PLAIN, ROBOT_TOKEN, SIGN_SECRET):
            assert plain not in shown, address


def channel_form(**changes: str) -> dict[str, str]:
    return {
        "channel_name": "our group",
        "channel_type": "dingtalk_bot",
        "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=***oken",
        "sign_secret": "",
        "is_enabled": "on",
        "max_attempts": "4",
        "table_style": "list",
        **changes,
    }


@pytest.fixture
def channel_page(world: World) -> str:
    return reverse("admin:notifications_notifychannel_change", args=[world.channel.pk])


def test_a_mask_sent_back_and_an_empty_secret_keep_what_is_stored(world: World, channel_page: str) -> None:
    answer = world.client("admin").post(channel_page, channel_form(channel_name="renamed"))
    assert answer.status_code == 302
    world.channel.refresh_from_db()
    assert world.channel.channel_name == "renamed"
    assert ROBOT_TOKEN in world.channel.webhook_url
    assert world.channel.sign_secret == SIGN_SECRET
    entry = AuditEntry.objects.get(object_type="notifychannel")
    assert entry.changes == {"channel_name": ["our group", "renamed"]}


def test_a_new_secret_replaces_the_old_one_and_is_audited_without_its_value(
    world: World, channel_page: str
) -> None:
    world.client("admin").post(channel_page, channel_form(sign_secret="SECnew-value"))
    world.channel.refresh_from_db()
    assert world.channel.sign_secret == "SECnew-value"
    assert AuditEntry.objects.get(object_type="notifychannel").changes == {"sign_secret": ["***", "***"]}


def test_a_ticked_box_clears_a_secret(world: World, channel_page: str) -> None:
    world.client("admin").post(channel_page, channel_form(**{"sign_secret-clear": "on"}))
    world.channel.refresh_from_db()
    assert world.channel.sign_secret == ""


def test_a_needed_secret_cannot_be_cleared(world: World) -> None:
    secret = Secret.objects.create(tenant=world.ours, secret_key="k", value=PLAIN)
    page = reverse("admin:tenants_secret_change", args=[secret.pk])
    world.client("admin").post(page, {"secret_key": "k", "value": "", "value-clear": "on"})
    secret.refresh_from_db()
    assert secret.value == PLAIN


def test_a_secret_setting_is_shown_again_only_after_it_was_entered_again(world: World) -> None:
    config = TenantConfig.objects.create(
        tenant=world.ours, app_code="a", config_key="k", value=PLAIN, is_secret=True
    )
    page = reverse("admin:tenants_tenantconfig_change", args=[config.pk])
    client, form = world.client("admin"), {"app_code": "a", "config_key": "k"}
    assert "value" in client.post(page, {**form, "value": ""}).context["adminform"].form.errors
    client.post(page, {**form, "value": "now public"})
    config.refresh_from_db()
    assert (config.value, config.is_secret) == ("now public", False)
