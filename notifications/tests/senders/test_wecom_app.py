import base64
import threading
from collections.abc import Callable

import pytest

from notifications.channel_types import WECOM_APP
from notifications.messages import Recipients, read
from notifications.render import Page
from notifications.senders import AppCredentials, Clients, MemoryTokens, Outcome, Target
from notifications.senders.wecom_app import WeComAppSender
from notifications.tests.clock import Clock
from testing.servers.robots import DropAfterBody, Refuse, Robots, WeComApp

TEXT = {"msgtype": "text", "text": {"content": "hello"}}
EVERYBODY = Recipients(users=("@all",))


@pytest.fixture
def sender(clients: Clients, clock: Clock) -> WeComAppSender:
    return WeComAppSender(clients, clock, MemoryTokens(clock))


def target(app: WeComApp, to: Recipients = EVERYBODY) -> Target:
    return Target(app.url, app=AppCredentials(app.corp_id, app.agent_id, app.secret, to))


def test_one_token_serves_many_messages(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    for number in range(3):
        assert sender.send(target(app), {"msgtype": "text", "text": {"content": str(number)}}, str(number)).ok
    assert app.tokens_given == 1
    assert len(app.shown) == 3


def test_a_token_is_renewed_five_minutes_before_its_end(
    robots: Robots, sender: WeComAppSender, clock: Clock
) -> None:
    app = robots.wecom_app()
    assert sender.send(target(app), TEXT, "1").ok
    clock.now += 7200 - 301
    assert sender.send(target(app), TEXT, "2").ok
    assert app.tokens_given == 1
    clock.now += 1
    assert sender.send(target(app), TEXT, "3").ok
    assert app.tokens_given == 2


def test_a_revoked_token_is_fetched_and_used_once_more(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    assert sender.send(target(app), TEXT, "1").ok
    app.revoke_tokens()
    assert sender.send(target(app), {"msgtype": "text", "text": {"content": "again"}}, "2").ok
    assert app.tokens_given == 2
    assert len(app.shown) == 2


def test_a_token_refused_twice_is_the_end_of_the_attempt(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    assert sender.send(target(app), TEXT, "1").ok
    app.takes_tokens = False
    assert sender.send(target(app), TEXT, "2").outcome is Outcome.TOKEN
    assert app.tokens_given == 2


def test_many_workers_fetch_one_token(robots: Robots, clients: Clients, clock: Clock) -> None:
    app, tokens = robots.wecom_app(), MemoryTokens(clock)
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        payload = {"msgtype": "text", "text": {"content": str(number)}}
        assert WeComAppSender(clients, clock, tokens).send(target(app), payload, str(number)).ok

    in_threads(work, 8)
    assert len(app.shown) == 8
    assert app.tokens_given == 1


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("refusal", "note"),
    [
        (Refuse(40013, "invalid corpid"), "wecom_app_credentials"),
        (Refuse(40001, "invalid credential"), "wecom_app_credentials"),
        (Refuse(60020, "not allow to access from your ip"), "wecom_app_ip"),
    ],
)
def test_refused_credentials_end_the_delivery(
    refusal: Refuse, note: str, robots: Robots, sender: WeComAppSender
) -> None:
    app = robots.wecom_app()
    app.faults.append(refusal)
    answer = sender.send(target(app), TEXT, "1")
    assert answer.outcome is Outcome.PERMANENT
    assert answer.note is not None
    assert answer.note.code == note
    assert app.received == []


def test_a_partial_success_names_whom_it_missed(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app(members=frozenset({"zhangsan"}))
    answer = sender.send(target(app, Recipients(users=("zhangsan", "lisi"))), TEXT, "1")
    assert answer.ok
    assert answer.missed == Recipients(users=("lisi",))
    assert answer.note is not None
    assert "lisi" in answer.note.text


def test_nobody_reached_is_a_failure(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app(members=frozenset())
    answer = sender.send(target(app, Recipients(users=("lisi",))), TEXT, "1")
    assert (answer.outcome, answer.errcode) == (Outcome.PERMANENT, "81013")


def test_whom_the_message_names_goes_before_whom_the_app_names(
    robots: Robots, sender: WeComAppSender
) -> None:
    app = robots.wecom_app()
    message = read({"content": "hi", "to_party": [7, 8], "to_tag": "vip"})
    assert message is not None
    for payload in WECOM_APP.render(message, Page()).payloads:
        assert sender.send(target(app), payload, "1").ok
    assert {name: app.shown[0].get(name) for name in ("touser", "toparty", "totag")} == {
        "touser": None,
        "toparty": "7|8",
        "totag": "vip",
    }


def test_a_repeated_message_after_a_lost_answer_is_shown_once(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    assert sender.send(target(app), {"msgtype": "text", "text": {"content": "first"}}, "0").ok
    app.faults.append(DropAfterBody())
    lost = sender.send(target(app), TEXT, "1")
    assert (lost.outcome, lost.may_repeat) == (Outcome.UNKNOWN, True)
    assert sender.send(target(app), TEXT, "1").ok
    assert [shown["text"]["content"] for shown in app.shown] == ["first", "hello"]


def test_the_same_words_a_minute_later_are_shown_again(
    robots: Robots, sender: WeComAppSender, clock: Clock
) -> None:
    app = robots.wecom_app()
    assert sender.send(target(app), TEXT, "1").ok
    clock.now += 60
    assert sender.send(target(app), TEXT, "2").ok
    assert len(app.shown) == 2


def test_a_picture_is_uploaded_with_the_token(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    png = base64.b64encode(b"\x89PNG\r\n\x1a\npixels").decode()
    message = read({"msg_type": "image", "image_base64": png})
    assert message is not None
    (payload,) = WECOM_APP.render(message, Page()).payloads
    assert sender.send(target(app), payload, "1").ok
    assert [media.name for media in app.media.items.values()] == ["picture.png"]


def test_a_card_with_buttons_gets_a_task_id_of_its_own(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app()
    buttons = [{"text": "重跑", "key": "rerun"}, {"text": "日志", "url": "https://e.com"}]
    card = {
        "msg_type": "template_card",
        "card_type": "button_interaction",
        "title": "t",
        "button_list": buttons,
    }
    for number, result in enumerate((card, card | {"task_id": "mine 1"})):
        message = read(result)
        assert message is not None
        (payload,) = WECOM_APP.render(message, Page()).payloads
        assert sender.send(target(app), payload, f"key-{number}").ok
    assert [shown["template_card"]["task_id"] for shown in app.shown] == ["key-0", "mine-1"]


def test_an_answer_holds_neither_secret_nor_token(robots: Robots, sender: WeComAppSender) -> None:
    app = robots.wecom_app(secret="very-secret")
    assert "very-secret" not in repr(target(app))
    answer = sender.send(target(app), TEXT, "1")
    assert answer.ok
    assert "token-1" not in repr(answer)
