"""manage.py send_test, against a strict robot on a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from notifications.models import NotifyChannel, WeComApp
from testing.callers import tenant
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db


@pytest.fixture
def robots() -> Iterator[Robots]:
    with Robots() as running:
        yield running


def channel(url: str, name: str = "ops", code: str = "acme", **columns: Any) -> NotifyChannel:
    return NotifyChannel.objects.create(
        tenant=tenant(code), channel_name=name, channel_type="dingtalk_bot", webhook_url=url, **columns
    )


def test_a_channel_is_named_by_its_name_or_its_id(robots: Robots, capsys: pytest.CaptureFixture[str]) -> None:
    robot = robots.dingtalk()
    row = channel(robot.url)
    call_command("send_test", "ops", text="**hello**")
    call_command("send_test", str(row.pk))
    assert capsys.readouterr().out.count("arrived\n0 ok") == 2
    assert robot.shown[0]["markdown"]["text"] == "**hello**"
    assert len(robot.shown) == 2


def test_a_refusal_ends_with_1_and_says_what_to_do(
    robots: Robots, capsys: pytest.CaptureFixture[str]
) -> None:
    channel(robots.dingtalk(keyword="report").url)
    with pytest.raises(SystemExit) as ended:
        call_command("send_test", "ops", text="x")
    assert ended.value.code == 1
    out = capsys.readouterr().out
    assert "310000 keywords not in content" in out
    assert len(out.splitlines()) == 3


def test_programs_read_json(robots: Robots, capsys: pytest.CaptureFixture[str]) -> None:
    channel(robots.dingtalk().url)
    call_command("send_test", "ops", "--json")
    out = capsys.readouterr().out
    result = json.loads(out)
    assert (result["ok"], result["errcode"], result["errmsg"]) == (True, "0", "ok")
    assert result["request"]["payloads"]
    assert "0123456789abcdef" not in out


def test_a_wecom_app_is_named_like_a_channel(robots: Robots) -> None:
    service = robots.wecom_app()
    WeComApp.objects.create(
        tenant=tenant(),
        app_name="duty",
        corp_id=service.corp_id,
        agent_id=service.agent_id,
        corp_secret=service.secret,
        api_base=service.url,
        to_user="lisi",
    )
    call_command("send_test", "duty")
    assert [shown["touser"] for shown in service.shown] == ["lisi"]


@pytest.mark.parametrize("name", ["nobody", "999"])
def test_an_unknown_name_ends_with_2(name: str) -> None:
    with pytest.raises(CommandError, match="does not exist") as error:
        call_command("send_test", name)
    assert error.value.returncode == 2


def test_a_name_of_several_ends_with_2_and_lists_them() -> None:
    first = channel("https://example.com/1")
    channel("https://example.com/2", code="other")
    with pytest.raises(CommandError, match=f"acme: dingtalk_bot {first.pk}, other: ") as error:
        call_command("send_test", "ops")
    assert error.value.returncode == 2
