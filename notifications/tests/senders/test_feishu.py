import pytest

from notifications.channel_types import FEISHU_BOT
from notifications.messages import read
from notifications.render import Page
from notifications.senders import Clients, Outcome, Target
from notifications.senders.feishu import FeishuSender, signature
from notifications.tests.clock import Clock
from testing.servers.robots import DropAfterBody, Fault, Html, Refuse, Robots, Status

TEXT = {"msg_type": "text", "content": {"text": "hello"}}


@pytest.fixture
def sender(clients: Clients, clock: Clock) -> FeishuSender:
    return FeishuSender(clients, clock)


def test_the_signature_is_the_one_of_the_documentation() -> None:
    assert signature("fs-secret", 1599360473) == {
        "timestamp": "1599360473",
        "sign": "vwuSzjPSqsNZOk7sE7/jea0rUh+fii1uuUBbbeOKZlQ=",
    }


def test_a_signed_robot_takes_a_message(robots: Robots, sender: FeishuSender) -> None:
    robot = robots.feishu(secret="fs-secret")
    assert sender.send(Target(robot.url, "fs-secret"), TEXT, "1").ok
    assert robot.shown == [TEXT]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Refuse(11232, "frequency limited"), Outcome.RATE),
        (Refuse(9499, "too many request"), Outcome.RATE),
        (Status(429), Outcome.RATE),
        (Refuse(-1, "busy"), Outcome.TRANSIENT),
        (Status(503), Outcome.TRANSIENT),
        (Html(), Outcome.TRANSIENT),
        (DropAfterBody(), Outcome.UNKNOWN),
        (Refuse(19022, "Ip Not Allowed"), Outcome.PERMANENT),
        (Refuse(9499, "Bad Request"), Outcome.FAULT),
    ],
)
def test_each_code_has_its_class(
    fault: Fault, outcome: Outcome, robots: Robots, sender: FeishuSender
) -> None:
    robot = robots.feishu()
    robot.faults.append(fault)
    answer = sender.send(Target(robot.url), TEXT, "1")
    assert answer.outcome == outcome
    assert answer.pause_seconds == (5 if outcome is Outcome.RATE else 0)
    assert not answer.may_repeat


def test_a_refusal_says_what_to_do(robots: Robots, sender: FeishuSender) -> None:
    signed = robots.feishu(token="a", secret="fs-secret")
    keyword = robots.feishu(token="b", keyword="告警")
    answers = [
        sender.send(Target(signed.url, "another"), TEXT, "1"),
        sender.send(Target(keyword.url), TEXT, "1"),
        sender.send(Target(keyword.url + "x"), TEXT, "1"),
    ]
    assert [answer.note and answer.note.code for answer in answers] == [
        "feishu_sign",
        "feishu_keyword",
        "robot_gone",
    ]
    assert {answer.outcome for answer in answers} == {Outcome.PERMANENT}


def test_an_answer_that_names_its_status_counts_too(robots: Robots, sender: FeishuSender) -> None:
    robot = robots.feishu(names_status=True)
    assert sender.send(Target(robot.url), TEXT, "1").ok
    robot.faults.append(Refuse(19024, "Key Words Not Found"))
    refused = sender.send(Target(robot.url), TEXT, "2")
    assert (refused.outcome, refused.errcode) == (Outcome.PERMANENT, "19024")
    assert refused.errmsg == "Key Words Not Found"
    assert robot.shown == [TEXT]


def test_every_type_is_taken_by_the_service(robots: Robots, sender: FeishuSender, clock: Clock) -> None:
    link = {"title": "a", "url": "https://e.com/a", "pic_url": "https://e.com/a.png"}
    results = [
        "just *markdown*",
        {"msg_type": "text", "content": "hi", "at_user_ids": ["ou_1"], "at_all": True},
        {
            "msg_type": "actionCard",
            "title": "t",
            "content": "c",
            "buttons": [{"title": "b", "url": "https://e.com"}],
        },
        {"msg_type": "feedCard", "links": [link] * 3},
        {"msg_type": "link", "title": "t", "content": "c", "url": "https://e.com"},
        {"msg_type": "template_card", "title": "t", "horizontal_list": [{"keyname": "k", "value": "v"}]},
        {"msg_type": "image", "image_url": "https://e.com/a.png"},
        {"msg_type": "file", "file_name": "a.txt", "file_base64": "YWJjZGVm"},
    ]
    robot = robots.feishu()
    for number, result in enumerate(results):
        message = read(result)
        assert message is not None
        for payload in FEISHU_BOT.render(message, Page("https://p/1", "task")).payloads:
            clock.now += 1
            assert sender.send(Target(robot.url), payload, str(number)).ok
    assert [payload["msg_type"] for payload in robot.shown] == [
        "interactive",
        "text",
        "interactive",
        "post",
        "post",
        "interactive",
        "text",
        "text",
    ]
