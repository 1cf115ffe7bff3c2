"""Deliveries by a WeCom application: to the people of its row, or to those whom a result names."""

from __future__ import annotations

import pytest

from notifications import outbox, sending
from notifications.models import Delivery, WeComApp
from notifications.tests.outgoing import Clock, app, drain, queue, texts
from testing.servers.robots import DropAfterBody, Robots

pytestmark = pytest.mark.django_db


def test_a_message_goes_to_the_people_of_the_row(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    row = drain(queue(app(service, to_party="7", to_tag="vip,ops")), clock)
    assert (row.status, row.channel_type, row.channel_id) == ("sent", "wecom_app", None)
    (shown,) = service.shown
    assert (shown["touser"], shown["toparty"], shown["totag"]) == ("zhangsan|lisi", "7", "vip|ops")
    assert shown["agentid"] == service.agent_id
    assert WeComApp.objects.get().last_ok_at == clock.at


def test_whom_a_result_names_goes_first(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    drain(queue(app(service, to_party="7"), to_user=["wangwu"]), clock)
    assert service.shown[0]["touser"] == "wangwu"
    assert "toparty" not in service.shown[0]


def test_a_partial_success_says_whom_it_missed(robots: Robots, clock: Clock) -> None:
    row = drain(queue(app(robots.wecom_app(members=frozenset({"lisi"})))), clock)
    assert row.status == "sent"
    assert "zhangsan" in sending.note_texts(row.notes)[-1]
    assert "lisi" not in sending.note_texts(row.notes)[-1]


def test_nobody_named_is_said_before_wecom_is_asked(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    row = drain(queue(app(service, to_user="")), clock)
    assert (row.status, row.errmsg) == ("failed", "no recipient")
    assert service.tokens_given == 0


def test_neither_secret_nor_token_is_kept(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app(secret="very-secret")
    row = drain(queue(app(service)), clock)
    kept = f"{row.request} {row.response} {row.errmsg}"
    assert "very-secret" not in kept
    assert "token-1" not in kept


def test_a_lost_answer_is_repeated_and_shown_once(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    to = app(service)
    drain(queue(to, "first"), clock)
    service.faults.append(DropAfterBody())
    row = drain(queue(to, "second", now=clock.at), clock)
    assert row.status == "pending"
    clock.move(10)
    assert drain(row, clock).status == "sent"
    assert texts(service) == ["first", "second"]


def test_an_app_that_is_switched_off_or_deleted_sends_nothing(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    to = app(service)
    off, gone = queue(to), queue(to)
    WeComApp.objects.update(is_enabled=False)
    assert drain(off, clock).status == "canceled"
    Delivery.objects.filter(pk=gone.pk).update(status="pending")
    to.delete()
    gone.refresh_from_db()
    assert drain(gone, clock).status == "canceled"
    assert service.shown == []


def test_messages_to_different_people_are_not_folded(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    to = app(service)
    rows = [queue(to, f"{n}", to_user=f"user{n}") for n in range(70)]
    clock.move(600)
    drain(rows[0], clock)
    assert texts(service) == [f"{n}" for n in range(70)]


def test_a_dead_workers_message_is_sent_again(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    row = queue(app(service))
    assert outbox.claim(row.robot, clock.at) is not None
    clock.move(outbox.CLAIM.total_seconds() + 1)
    assert outbox.sweep(clock.at) == {row.robot: "acme"}
    assert drain(row, clock).status == "sent"
