"""Channels and deliveries by hand."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from notifications import outbox
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel
from tenants.models import AuditEntry
from testing.servers.robots import Robots
from testing.world import World, page


def act(name: str, row: NotifyChannel | Delivery) -> str:
    return reverse(f"admin:notifications_{row._meta.model_name}_{name}", args=[row.pk])


@pytest.fixture
def delivery(world: World) -> Delivery:
    message = outbox.OutgoingMessage("# done", DeliveryKind.RESULT, "our report", tenant_id="ours")
    [row] = outbox.enqueue([world.channel], message, timezone.now())
    return row


def test_an_ended_delivery_is_sent_again_and_audited(world: World, delivery: Delivery) -> None:
    client = world.client("operator")
    Delivery.objects.filter(pk=delivery.pk).update(status=DeliveryStatus.FAILED, attempts=4)
    assert client.post(act("resend", delivery)).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 0)
    assert AuditEntry.objects.get(object_type="delivery").action == "resend"


def test_a_waiting_delivery_is_canceled_but_not_sent_again(world: World, delivery: Delivery) -> None:
    client = world.client("operator")
    client.post(act("resend", delivery))
    assert not AuditEntry.objects.filter(action="resend").exists()
    client.post(act("cancel", delivery))
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.CANCELED


def test_a_delivery_on_its_way_reloads_its_page_until_it_has_ended(world: World, delivery: Delivery) -> None:
    client = world.client("viewer")
    assert 'data-refresh-part="content-main"' in client.get(act("change", delivery)).content.decode()
    Delivery.objects.filter(pk=delivery.pk).update(status=DeliveryStatus.SENT)
    assert 'data-refresh-part="content-main"' not in client.get(act("change", delivery)).content.decode()


def test_notes_are_shown_in_the_readers_language(world: World, delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(notes=[{"code": "title_cut", "values": {"most": 64}}])
    assert "标题已截断" in world.client("viewer", "zh-hans").get(act("change", delivery)).content.decode()
    assert "The title was cut" in world.client("viewer").get(act("change", delivery)).content.decode()


def test_a_channel_that_tasks_send_to_is_not_deleted(world: World) -> None:
    type(world.task).objects.filter(pk=world.task.pk).update(notify_channels=[world.channel.pk])
    answer = world.client("admin").post(act("delete", world.channel), {"post": "yes"})
    assert "our report" in answer.content.decode()
    assert NotifyChannel.objects.filter(pk=world.channel.pk).exists()


def test_an_unused_channel_is_deleted_and_audited(world: World) -> None:
    world.client("admin").post(act("delete", world.channel), {"post": "yes"})
    assert not NotifyChannel.objects.filter(pk=world.channel.pk).exists()
    assert AuditEntry.objects.get(object_type="notifychannel").action == "delete"


def test_send_test_shows_what_the_service_said(world: World, settings: object) -> None:
    with Robots() as robots:
        robot = robots.dingtalk(secret="SECright")
        NotifyChannel.objects.filter(pk=world.channel.pk).update(
            webhook_url=robot.url, sign_secret="SECwrong"
        )
        answer = world.client("operator").post(act("test", world.channel), follow=True)
    assert "310000" in answer.content.decode()
    assert "copy the robot" in answer.content.decode()
    assert AuditEntry.objects.get(action="test").username == "operator"


def test_the_preview_of_a_channel_shows_tables_as_its_messages_will(world: World) -> None:
    client, address = world.client("admin"), page(world.channel)
    assert "&lt;table" not in client.get(address).content.decode()
    NotifyChannel.objects.filter(pk=world.channel.pk).update(table_style="keep")
    assert "&lt;table" in client.get(address).content.decode()
