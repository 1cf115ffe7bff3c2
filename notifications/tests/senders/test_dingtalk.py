import pytest
from pytest_django.fixtures import Settings

from notifications.channel_types import DINGTALK_BOT
from notifications.messages import read
from notifications.render import Page
from notifications.senders import Clients, Outcome, Target
from notifications.senders.dingtalk import DingTalkSender, signature
from notifications.tests.clock import Clock
from testing.servers.robots import DropAfterBody, DropBeforeBody, Fault, Html, Refuse, Robots, Status

SECRET = "SEC" + "0" * 60 + "dead"
TEXT = {"msgtype": "text", "text": {"content": "hello"}}


@pytest.fixture
def sender(clients: Clients, clock: Clock) -> DingTalkSender:
    return DingTalkSender(clients, clock)


def test_the_signature_is_the_one_of_the_documentation() -> None:
    assert signature(SECRET, 1577808000000) == {
        "timestamp": 1577808000000,
        "sign": "l4t/v9kUHD4HCo+s46Rgx3ESGSyqkUBWns2qMT7R5bU=",
    }


def test_a_signed_robot_takes_a_message(robots: Robots, sender: DingTalkSender) -> None:
    robot = robots.dingtalk(secret=SECRET)
    answer = sender.send(Target(robot.url, SECRET), TEXT, "d1-1")
    assert (answer.outcome, answer.errcode, answer.errmsg) == (Outcome.SENT, "0", "ok")
    assert robot.shown == [TEXT]


def test_each_send_is_signed_anew(robots: Robots, sender: DingTalkSender, clock: Clock) -> None:
    robot = robots.dingtalk(secret=SECRET)
    for hours in range(3):
        clock.now += hours * 3600
        assert sender.send(Target(robot.url, SECRET), TEXT, f"d1-{hours}").ok


def test_a_repeated_key_is_shown_once(robots: Robots, sender: DingTalkSender) -> None:
    robot = robots.dingtalk()
    robot.faults.append(DropAfterBody())
    first = sender.send(Target(robot.url), TEXT, "d1-1")
    assert (first.outcome, first.may_repeat) == (Outcome.UNKNOWN, True)
    assert sender.send(Target(robot.url), TEXT, "d1-1").ok
    assert robot.shown == [TEXT]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Refuse("660026", "send too fast"), Outcome.RATE),
        (Refuse(130101, "send too fast"), Outcome.RATE),
        (Refuse(410100, "muted"), Outcome.RATE),
        (Status(429), Outcome.RATE),
        (Refuse(-1, "系统繁忙"), Outcome.TRANSIENT),
        (Status(502), Outcome.TRANSIENT),
        (Status(200), Outcome.TRANSIENT),
        (Html(), Outcome.TRANSIENT),
        (DropBeforeBody(), Outcome.UNKNOWN),
        (DropAfterBody(), Outcome.UNKNOWN),
        (Refuse(460101, "message too long"), Outcome.SIZE),
        (Refuse(300001, "token is not exist"), Outcome.PERMANENT),
        (Refuse(400102, "robot is disabled"), Outcome.PERMANENT),
        (Refuse(999999, "something new"), Outcome.PERMANENT),
        (Refuse(400402, "缺失"), Outcome.FAULT),
        (Refuse(43004, "content type"), Outcome.FAULT),
    ],
)
def test_each_code_has_its_class(
    fault: Fault, outcome: Outcome, robots: Robots, sender: DingTalkSender
) -> None:
    robot = robots.dingtalk()
    robot.faults.append(fault)
    answer = sender.send(Target(robot.url), TEXT, "d1-1")
    assert answer.outcome == outcome
    assert answer.pause_seconds == (600 if outcome is Outcome.RATE else 0)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("keywords not in content, more: [https://ding-doc.dingtalk.com/script]", "dingtalk_keyword"),
        ("错误描述:关键词不匹配;", "dingtalk_keyword"),
        ("sign not match, more: [https://ding-doc.dingtalk.com/script]", "dingtalk_sign"),
        ("错误描述:机器人发送签名不匹配;", "dingtalk_sign"),
        ("invalid timestamp", "dingtalk_clock"),
        ("错误描述:机器人发送签名过期;", "dingtalk_clock"),
        ("ip 1.2.3.4 not in whitelist", "dingtalk_ip"),
    ],
)
def test_the_meanings_of_310000_are_told_apart(
    text: str, note: str, robots: Robots, sender: DingTalkSender
) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Refuse(310000, text))
    answer = sender.send(Target(robot.url), TEXT, "d1-1")
    assert answer.outcome is Outcome.PERMANENT
    assert answer.note is not None
    assert answer.note.code == note


def test_the_stand_in_and_the_sender_agree_on_what_is_refused(robots: Robots, sender: DingTalkSender) -> None:
    keyword = robots.dingtalk(token="a", keyword="告警")
    signed = robots.dingtalk(token="b", secret=SECRET)
    answers = [
        sender.send(Target(keyword.url), TEXT, "1"),
        sender.send(Target(signed.url, "SECother"), TEXT, "1"),
    ]
    assert [answer.note.code for answer in answers if answer.note] == ["dingtalk_keyword", "dingtalk_sign"]


def test_nobody_listening_is_worth_another_attempt(sender: DingTalkSender) -> None:
    with Robots() as gone:
        url = gone.dingtalk().url
    answer = sender.send(Target(url), TEXT, "d1-1")
    assert (answer.outcome, answer.errcode) == (Outcome.TRANSIENT, "")


def test_a_private_address_is_refused_for_good(
    robots: Robots, sender: DingTalkSender, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ()
    robot = robots.dingtalk()
    answer = sender.send(Target(robot.url), TEXT, "d1-1")
    assert answer.outcome is Outcome.PERMANENT
    assert robot.received == []


def test_an_answer_never_holds_the_robots_token(robots: Robots, sender: DingTalkSender) -> None:
    target = Target(robots.dingtalk(token="very-secret").url, "SEC-secret")
    assert "secret" not in repr(target)
    for fault in (DropBeforeBody(), Html(), Status(500)):
        robots.services[0].faults.append(fault)
        assert "very-secret" not in repr(sender.send(target, TEXT, "d1-1"))


def test_every_type_is_taken_by_the_service(robots: Robots, sender: DingTalkSender) -> None:
    robot = robots.dingtalk()
    links = [{"title": "a", "url": "https://e.com/a", "pic_url": "https://e.com/a.png"}] * 2
    results = [
        "just *markdown*",
        {"msg_type": "text", "content": "hi", "at_mobiles": ["13800000000"]},
        {
            "msg_type": "actionCard",
            "title": "t",
            "content": "c",
            "buttons": [{"title": "b", "url": "https://e.com"}],
        },
        {"msg_type": "feedCard", "links": links, "at_all": True},
        {"msg_type": "link", "title": "t", "content": "c", "url": "https://e.com"},
        {"msg_type": "news", "articles": links[:1]},
        {"msg_type": "template_card", "title": "t", "horizontal_list": [{"keyname": "k", "value": "v"}]},
        {"msg_type": "image", "image_url": "https://e.com/a.png"},
        {"msg_type": "file", "file_name": "a.txt", "file_base64": "YWJjZGVm"},
        [1, 2, 3],
    ]
    for number, result in enumerate(results):
        message = read(result)
        assert message is not None
        for part, payload in enumerate(DINGTALK_BOT.render(message, Page("https://p/1", "task")).payloads):
            assert sender.send(Target(robot.url), payload, f"{number}-{part}").ok
