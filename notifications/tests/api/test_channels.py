"""/api/notification-channels, tried with strict robots on real sockets and a real Redis for their rates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notifications import rates
from notifications.destination_keys import webhook_key
from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from tenants.models import AuditEntry
from testing.callers import Caller, fields, member, superuser, tenant
from testing.servers.robots import Refuse, Robots
from testing.servers.webhook import Webhook

pytestmark = pytest.mark.django_db
URL = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def robots() -> Iterator[Robots]:
    with Robots() as running:
        yield running


def body(**fields: Any) -> dict[str, Any]:
    return {
        "tenant_id": "acme",
        "channel_name": "ops",
        "channel_type": "dingtalk_bot",
        "webhook_url": URL,
    } | fields


def made(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = caller.post("/notification-channels", body(**fields))
    assert answer.status_code == 201, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def test_secrets_are_written_and_never_returned(admin: Caller) -> None:
    proxy = "http://user:canary-proxy@proxy.example:3128"
    shown = made(admin, sign_secret="SEC-canary", proxy_url=proxy)
    assert shown["webhook_url"] == "https://oapi.dingtalk.com/robot/send?access_token=***cdef"
    assert shown["proxy_url"] == "http://***@proxy.example:3128"
    assert shown["sign_secret_set"] is True
    path = f"/notification-channels/{shown['id']}"
    answers = [admin.get(path), admin.get("/notification-channels"), admin.put(path, shown)]
    assert not [
        answer for answer in answers if b"canary" in answer.content or b"0123456789" in answer.content
    ]
    channel = NotifyChannel.objects.get()
    assert (channel.webhook_url, channel.sign_secret, channel.proxy_url) == (URL, "SEC-canary", proxy)
    assert "canary" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_null_clears_a_secret(admin: Caller) -> None:
    shown = made(admin, sign_secret="SEC1")
    cleared = admin.put(
        f"/notification-channels/{shown['id']}", {"sign_secret": None, "description": None}
    ).json()
    assert (cleared["sign_secret_set"], cleared["description"]) == (False, "")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel_type": "pigeon"}, "channel_type"),
        ({"webhook_url": ""}, "webhook_url"),
        ({"webhook_url": "https://"}, "webhook_url"),
        ({"webhook_url": "nowhere at all"}, "webhook_url"),
        ({"proxy_url": "https://proxy.example"}, "proxy_url"),
        ({"tenant_id": None}, "tenant_id"),
        ({"tenant_id": "nobody"}, "tenant_id"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"channel_name": ""}, "channel_name"),
        ({"last_error": 1, "wrong": 1}, "wrong"),
    ],
)
def test_a_wrong_channel_is_refused_by_its_field(admin: Caller, wrong: dict[str, Any], field: str) -> None:
    refused = admin.post("/notification-channels", body(**wrong))
    assert refused.status_code == 422, refused.content
    assert fields(refused) == {field}
    assert not NotifyChannel.objects.exists()


def test_another_tenants_channel_is_not_made(admin: Caller) -> None:
    tenant("other")
    assert admin.post("/notification-channels", body(tenant_id="other")).status_code == 403


def test_the_list_filters(admin: Caller) -> None:
    made(admin, channel_name="first")
    feishu = {"channel_type": "feishu_bot", "webhook_url": "https://open.feishu.cn/open-apis/bot/v2/hook/0-1"}
    made(admin, channel_name="second", is_enabled=False, **feishu)

    def names(**query: Any) -> list[str]:
        return [item["channel_name"] for item in admin.get("/notification-channels", **query).json()["items"]]

    assert names() == ["first", "second"]
    assert names(channel_type="feishu_bot") == names(is_enabled="false") == names(search="SEC") == ["second"]


def test_a_test_is_sent_at_once_and_says_what_the_service_said(admin: Caller, robots: Robots) -> None:
    robot = robots.dingtalk(secret="SEC-of-the-robot")
    channel = made(admin, webhook_url=robot.url, sign_secret="SEC-of-the-robot")
    answer = admin.post(f"/notification-channels/{channel['id']}/test", {"content": "**hello**"})
    assert answer.status_code == 200
    result = answer.json()
    assert (result["ok"], result["errcode"], result["errmsg"]) == (True, "0", "ok")
    assert [shown["markdown"]["text"] for shown in robot.shown] == ["**hello**"]
    assert "**hello**" in str(result["request"])
    assert b"0123456789" not in answer.content
    assert b"SEC-of" not in answer.content
    assert [(row.kind, row.status) for row in Delivery.objects.all()] == [("test", "sent")]


def test_a_refusal_is_200_with_the_services_words_and_what_to_do(admin: Caller, robots: Robots) -> None:
    robot = robots.dingtalk(keyword="report")
    channel = made(admin, webhook_url=robot.url)
    answer = admin.post(f"/notification-channels/{channel['id']}/test", {"content": "x"})
    result = answer.json()
    assert (answer.status_code, result["ok"], result["errcode"]) == (200, False, "310000")
    assert result["note"]
    assert (
        admin.get(f"/notification-channels/{channel['id']}").json()["last_error"]
        == f"310000: {result['errmsg']}"
    )


def test_what_can_not_go_at_once_is_not_sent_later(admin: Caller, robots: Robots) -> None:
    robot = robots.dingtalk()
    channel = made(admin, webhook_url=robot.url)
    rates.pause(webhook_key("acme", robot.url), 60)
    result = admin.post(f"/notification-channels/{channel['id']}/test").json()
    assert result["ok"] is False
    assert result["errmsg"]
    assert Delivery.objects.get().status == DeliveryStatus.CANCELED
    assert robot.shown == []


def test_a_service_in_trouble_is_not_tried_again(admin: Caller, robots: Robots) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Refuse("-1", "system busy"))
    channel = made(admin, webhook_url=robot.url)
    result = admin.post(f"/notification-channels/{channel['id']}/test").json()
    assert (result["ok"], result["errcode"]) == (False, "-1")
    assert Delivery.objects.get().status == DeliveryStatus.CANCELED


def test_a_channel_switched_off_can_be_tried(admin: Caller, robots: Robots) -> None:
    channel = made(admin, webhook_url=robots.dingtalk().url, is_enabled=False)
    assert admin.post(f"/notification-channels/{channel['id']}/test").json()["ok"] is True
    assert NotifyChannel.objects.get().is_enabled is False


def test_a_robot_that_is_being_written_to_is_busy(admin: Caller, robots: Robots) -> None:
    robot = robots.dingtalk()
    channel = made(admin, webhook_url=robot.url)
    path = f"/notification-channels/{channel['id']}/test"
    admin.post(path)
    Delivery.objects.update(status=DeliveryStatus.SENDING, busy_robot=webhook_key("acme", robot.url))
    assert admin.post(path).json()["code"] == "busy"


def test_a_channel_in_use_is_not_deleted_and_its_tasks_are_named(admin: Caller) -> None:
    channel = made(admin)
    task = {
        "task_name": "weekly",
        "tenant_id": "acme",
        "time_points": ["08:00"],
        "script_content": "pass",
        "notify_channels": [channel["id"]],
    }
    mine = admin.post("/scheduled-tasks", task).json()["id"]
    root = superuser()
    root.post("/scheduled-tasks", task | {"task_name": "global", "tenant_id": None})
    refused = admin.delete(f"/notification-channels/{channel['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "weekly, global" in refused.json()["detail"]
    for task_id in (mine, mine + 1):
        root.put(f"/scheduled-tasks/{task_id}", {"notify_channels": []})
    assert admin.delete(f"/notification-channels/{channel['id']}").status_code == 204


class TestApprise:
    URL = "tgram://123456789:canary-token/canary-chat"

    def test_its_address_is_all_secret(self, admin: Caller) -> None:
        shown = made(admin, channel_type="apprise", webhook_url=self.URL)
        assert shown["webhook_url"] == "tgram://***"
        path = f"/notification-channels/{shown['id']}"
        assert admin.put(path, shown).status_code == 200
        assert NotifyChannel.objects.get().webhook_url == self.URL
        assert b"canary" not in admin.get(path).content + admin.get("/audit").content

    @pytest.mark.parametrize(
        "url",
        ["json://127.0.0.1/x", "https://example.com/hook", "tgram://token/chat?verify=no", "mailtos://a b/c"],
    )
    def test_only_the_schemes_of_the_settings_are_taken(self, admin: Caller, url: str) -> None:
        refused = admin.post("/notification-channels", body(channel_type="apprise", webhook_url=url))
        assert fields(refused) == {"webhook_url"}

    def test_a_robots_address_is_none_of_apprises_and_the_other_way_round(self, admin: Caller) -> None:
        path = f"/notification-channels/{made(admin)['id']}"
        assert fields(admin.put(path, {"channel_type": "apprise"})) == {"webhook_url"}
        assert fields(admin.put(path, {"webhook_url": self.URL})) == {"webhook_url"}
        both = {"channel_type": "apprise", "webhook_url": self.URL}
        assert admin.put(path, both).status_code == 200

    @pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
    def test_a_test_says_what_the_library_heard(self, admin: Caller) -> None:
        with Webhook(path="/") as ntfy:
            url = f"ntfy://127.0.0.1:{ntfy.port}/alerts"
            path = f"/notification-channels/{made(admin, channel_type='apprise', webhook_url=url)['id']}/test"
            assert admin.post(path).json()["ok"] is True
            ntfy.answer = (403, {})
            result = admin.post(path).json()
        assert result["ok"] is False
        assert "403" in result["errmsg"]
        assert len(ntfy.calls) == 2
