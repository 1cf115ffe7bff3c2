from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from notifications.senders import Clients, Outcome, Target
from notifications.senders.apprise import AppriseSender
from testing.servers.webhook import Webhook

# The library's own: it asks for a module that Python 3.13 has no more, and goes without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

PAYLOAD = {"title": "日报", "body": "**正文**"}


@pytest.fixture
def ntfy() -> Iterator[Webhook]:
    """What of ntfy's API the library speaks: https://docs.ntfy.sh/publish/#publish-as-json"""
    with Webhook(path="/") as hook:
        yield hook


def url_of(ntfy: Webhook, host: str = "127.0.0.1") -> str:
    return f"ntfy://{host}:{ntfy.port}/alerts"


@pytest.fixture
def sender(clients: Clients) -> AppriseSender:
    return AppriseSender(clients)


def test_a_message_arrives(ntfy: Webhook, sender: AppriseSender) -> None:
    assert sender.send(Target(url_of(ntfy)), PAYLOAD, "1").ok
    received = ntfy.calls[0].json()
    assert (received["topic"], received["title"]) == ("alerts", "日报")
    assert "正文" in received["message"]


def test_a_refusal_is_worth_another_attempt_and_says_why(ntfy: Webhook, sender: AppriseSender) -> None:
    ntfy.answer = (503, {})
    answer = sender.send(Target(url_of(ntfy)), PAYLOAD, "1")
    assert answer.outcome is Outcome.TRANSIENT
    assert "503" in answer.errmsg


def test_a_private_address_is_refused_at_connect(
    ntfy: Webhook, sender: AppriseSender, settings: Settings
) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ()
    answer = sender.send(Target(url_of(ntfy, "localhost")), PAYLOAD, "1")
    assert answer.outcome is Outcome.PERMANENT
    assert answer.note is not None
    assert answer.note.code == "address_refused"
    assert ntfy.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1:8080/x",
        "file:///etc/passwd",
        "dingtalk://token",
        "http://127.0.0.1",
        "",
    ],
)
def test_only_the_schemes_of_the_setting_are_used(url: str, sender: AppriseSender) -> None:
    answer = sender.send(Target(url), PAYLOAD, "1")
    assert answer.outcome is Outcome.PERMANENT
    assert answer.note is not None
    assert answer.note.code == "scheme_refused"


def test_the_operator_can_change_the_schemes(
    ntfy: Webhook, sender: AppriseSender, settings: Settings
) -> None:
    settings.APPRISE_SCHEMES = frozenset({"slack"})
    assert sender.send(Target(url_of(ntfy)), PAYLOAD, "1").outcome is Outcome.PERMANENT
    assert ntfy.calls == []


@pytest.mark.parametrize(
    "argument", ["template=/etc/passwd", "Attach=file:///etc/passwd", "verify=no", "rto=9999"]
)
def test_an_address_names_no_file_and_sets_no_limit(
    argument: str, ntfy: Webhook, sender: AppriseSender
) -> None:
    assert sender.send(Target(f"{url_of(ntfy)}?{argument}"), PAYLOAD, "1").outcome is Outcome.PERMANENT
    assert ntfy.calls == []


def test_what_the_library_cannot_read_ends_the_delivery(sender: AppriseSender) -> None:
    assert sender.send(Target("slack://"), PAYLOAD, "1").outcome is Outcome.PERMANENT
