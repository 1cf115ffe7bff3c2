import base64
import hashlib

import pytest

from notifications.channel_types import WECOM_BOT
from notifications.messages import read
from notifications.render import Page
from notifications.senders import Clients, Outcome, Target
from notifications.senders.wecom_bot import WeComBotSender
from notifications.tests.clock import Clock
from testing.servers.robots import DropAfterBody, DropBeforeBody, Fault, Html, Refuse, Robots, Stall, Status

TEXT = {"msgtype": "text", "text": {"content": "hello"}}
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


@pytest.fixture
def sender(clients: Clients, clock: Clock) -> WeComBotSender:
    return WeComBotSender(clients, clock)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Refuse(45009, "api freq out of limit"), Outcome.RATE),
        (Refuse("45033", "concurrency"), Outcome.RATE),
        (Refuse(-1, "system busy"), Outcome.TRANSIENT),
        (Status(500), Outcome.TRANSIENT),
        (Html(), Outcome.TRANSIENT),
        (DropBeforeBody(), Outcome.UNKNOWN),
        (DropAfterBody(), Outcome.UNKNOWN),
        (Refuse(40058, "content exceed max length 4096"), Outcome.SIZE),
        (Refuse(45002, "content size out of limit"), Outcome.SIZE),
        (Refuse(93000, "invalid webhook url"), Outcome.PERMANENT),
        (Refuse(93004, "robot disabled"), Outcome.PERMANENT),
        (Refuse(93008, "not in group"), Outcome.PERMANENT),
        (Refuse(40058, "card_action"), Outcome.FAULT),
        (Refuse(40008, "invalid message type"), Outcome.FAULT),
        (Refuse(44004, "empty content"), Outcome.FAULT),
        (Refuse(41016, "missing title"), Outcome.FAULT),
        (Refuse(45008, "articles"), Outcome.FAULT),
    ],
)
def test_each_code_has_its_class(
    fault: Fault, outcome: Outcome, robots: Robots, sender: WeComBotSender
) -> None:
    robot = robots.wecom()
    robot.faults.append(fault)
    assert sender.send(Target(robot.url), TEXT, "1").outcome == outcome


def test_a_lost_answer_is_never_asked_for_again(robots: Robots, sender: WeComBotSender) -> None:
    robot = robots.wecom()
    robot.faults.append(DropAfterBody())
    answer = sender.send(Target(robot.url), TEXT, "1")
    assert (answer.outcome, answer.may_repeat) == (Outcome.UNKNOWN, False)
    assert robot.shown == [TEXT]


def test_a_rate_error_pauses_to_the_next_minute(robots: Robots, sender: WeComBotSender, clock: Clock) -> None:
    robot = robots.wecom()
    clock.now = 1_600_000_020.0 + 45  # 45 s into a minute
    robot.faults.append(Refuse(45009, "api freq out of limit"))
    assert sender.send(Target(robot.url), TEXT, "1").pause_seconds == 15


def test_a_file_is_uploaded_before_it_is_sent(robots: Robots, sender: WeComBotSender) -> None:
    robot = robots.wecom()
    message = read(
        {"msg_type": "file", "file_name": "日报.csv", "file_base64": base64.b64encode(b"a,b,c\n").decode()}
    )
    assert message is not None
    (payload,) = WECOM_BOT.render(message, Page()).payloads
    assert sender.send(Target(robot.url), payload, "1").ok
    media = robot.media.items[robot.shown[0]["file"]["media_id"]]
    assert (media.kind, media.name, media.content) == ("file", "日报.csv", b"a,b,c\n")


def test_a_picture_by_its_address_is_fetched_and_sent_whole(robots: Robots, sender: WeComBotSender) -> None:
    robot = robots.wecom()
    payload = {"msgtype": "image", "image": {}, "attach": {"url": robots.file("a.png", PNG)}}
    assert sender.send(Target(robot.url), payload, "1").ok
    assert robot.shown == [
        {
            "msgtype": "image",
            "image": {"base64": base64.b64encode(PNG).decode(), "md5": hashlib.md5(PNG).hexdigest()},
        }
    ]


@pytest.mark.parametrize("content", [b"GIF89a not a picture it takes", PNG + b"x" * 2 * 1024 * 1024, None])
def test_what_is_no_picture_for_it_ends_the_delivery(
    content: bytes | None, robots: Robots, sender: WeComBotSender
) -> None:
    robot = robots.wecom()
    url = robots.file("a.png", content) if content else f"{robots.base}/files/missing.png"
    answer = sender.send(Target(robot.url), {"msgtype": "image", "image": {}, "attach": {"url": url}}, "1")
    assert answer.outcome is Outcome.FAULT
    assert answer.note is not None
    assert answer.note.code == "picture_unreachable"
    assert robot.received == []


def test_a_lost_upload_is_no_unknown_outcome(robots: Robots, sender: WeComBotSender) -> None:
    robot = robots.wecom()
    robot.faults.append(DropAfterBody())
    payload = {"msgtype": "file", "file": {}, "attach": {"name": "a", "base64": "YWJjZGVmZw=="}}
    assert sender.send(Target(robot.url), payload, "1").outcome is Outcome.TRANSIENT
    assert robot.shown == []


def test_every_type_is_taken_by_the_service(robots: Robots, sender: WeComBotSender) -> None:
    link = {"title": "a", "url": "https://e.com/a", "pic_url": "https://e.com/a.png"}
    results = [
        "just *markdown*",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        {"content": '<font color="info">ok</font>', "at_user_ids": ["zhangsan"]},
        {"content": "hi", "at_mobiles": ["13800000000"], "at_all": True},
        {"msg_type": "text", "content": "hi", "at_mobiles": ["13800000000"]},
        {
            "msg_type": "actionCard",
            "title": "t",
            "content": "c",
            "buttons": [{"title": "b", "url": "https://e.com"}],
        },
        {"msg_type": "link", "title": "t", "content": "c", "url": "https://e.com"},
        {"msg_type": "template_card", "title": "t", "horizontal_list": [{"keyname": "k", "value": "v"}]},
        {"msg_type": "image", "image_base64": base64.b64encode(PNG).decode()},
        {"msg_type": "news", "articles": [link] * 9},
    ]
    robot = robots.wecom()
    for number, result in enumerate(results):
        message = read(result)
        assert message is not None
        for payload in WECOM_BOT.render(message, Page("https://p/1", "task")).payloads:
            assert sender.send(Target(robot.url), payload, str(number)).ok
    assert [payload["msgtype"] for payload in robot.shown] == [
        "markdown",
        "markdown_v2",
        "markdown",
        "markdown",
        "text",
        "text",
        "template_card",
        "news",
        "template_card",
        "image",
        "news",
        "news",
    ]


def test_a_stalled_service_ends_in_an_unknown_outcome(
    robots: Robots, clock: Clock, impatient: Clients
) -> None:
    robot = robots.wecom()
    robot.faults.append(Stall())
    assert WeComBotSender(impatient, clock).send(Target(robot.url), TEXT, "1").outcome is Outcome.UNKNOWN
