import pytest

from notifications.senders import Clients, Outcome, Target
from notifications.senders.json_post import JsonSender
from testing.servers.webhook import Webhook


@pytest.fixture
def sender(clients: Clients) -> JsonSender:
    return JsonSender(clients)


def test_the_payload_is_the_body(sender: JsonSender) -> None:
    with Webhook() as hook:
        assert sender.send(Target(hook.url), {"event": "task_failed", "task_name": "日报"}, "k-0").ok
    assert [call.json() for call in hook.calls] == [{"event": "task_failed", "task_name": "日报"}]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (204, Outcome.SENT),
        (301, Outcome.PERMANENT),
        (404, Outcome.PERMANENT),
        (429, Outcome.RATE),
        (500, Outcome.TRANSIENT),
    ],
)
def test_the_status_decides(status: int, outcome: Outcome, sender: JsonSender) -> None:
    with Webhook((status, {})) as hook:
        assert sender.send(Target(hook.url), {}, "k").outcome == outcome


def test_nobody_listening_is_worth_another_attempt(sender: JsonSender) -> None:
    with Webhook() as gone:
        url = gone.url
    assert sender.send(Target(url), {}, "k").outcome is Outcome.TRANSIENT
