"""The log-in page, and who guesses."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from testing.callers import Caller, member
from testing.redis_away import away

pytestmark = pytest.mark.django_db
PAGE = "/admin/login/"
GOOD, BAD = "a long one, please", "guessed"


@pytest.fixture(autouse=True)
def _two_attempts(settings: Settings) -> None:
    settings.LOGIN_ATTEMPTS, settings.WRONG_TOKENS_PER_MINUTE = 2, 2
    for name in ("ann", "bob"):
        User.objects.create_superuser(name, password=GOOD)


def attempt(name: str, password: str, address: str = "192.0.2.1", language: str = "en") -> Any:
    client = Client(REMOTE_ADDR=address, headers={"accept-language": language})
    return client.post(PAGE, {"username": name, "password": password, "next": "/admin/"})


def test_a_right_password_leads_to_the_admin() -> None:
    answer = attempt("ann", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("name", ["ann", "nobody", "ANN ", "x" * 5000, ""])
def test_after_too_many_attempts_even_the_right_password_waits(name: str) -> None:
    """An account that there is and one that there is not are told the same."""
    assert [attempt(name, BAD).status_code for _ in range(3)] == [200, 200, 429]
    refused = attempt(name, GOOD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes." in refused.content.decode()


def test_it_is_said_in_the_readers_language() -> None:
    for _ in range(2):
        attempt("ann", BAD)
    assert "15 分钟" in attempt("ann", BAD, language="zh-hans").content.decode()


def test_the_language_is_chosen_on_the_page_itself() -> None:
    client = Client(headers={"accept-language": "en"})
    assert 'value="zh-hans"' in client.get(f"{PAGE}?next=/admin/tenants/").content.decode()
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": PAGE}, follow=True)
    assert "登录" in answer.content.decode()


def test_where_the_first_password_lies_is_said_until_somebody_has_logged_in() -> None:
    assert "admin-password" in Client().get(PAGE).content.decode()
    assert "admin-password" in attempt("ann", BAD).content.decode()
    attempt("ann", GOOD)
    assert "admin-password" not in Client().get(PAGE).content.decode()


def test_other_accounts_and_other_addresses_go_on() -> None:
    for _ in range(3):
        attempt("ann", BAD)
    assert attempt("bob", GOOD).status_code == 302
    assert attempt("ann", GOOD, address="192.0.2.2").status_code == 302


def test_a_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(3):
        attempt("ann", BAD)
        assert attempt("ann", GOOD).status_code == 302


def test_one_address_can_not_try_all_accounts() -> None:
    statuses = [attempt(f"user{n}", BAD).status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]


def test_many_addresses_can_not_try_one_account_for_ever() -> None:
    statuses = [attempt("ann", BAD, address=f"192.0.2.{n}").status_code for n in range(21)]
    assert statuses == [200] * 20 + [429]


def test_redis_away_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.throttle.client", away)
    assert [attempt("ann", BAD).status_code for _ in range(3)] == [200, 200, 200]
    assert attempt("ann", GOOD).status_code == 302


def test_wrong_tokens_are_told_to_wait_and_a_right_one_is_let_through() -> None:
    wrong = Caller("nope")
    assert [wrong.get("/tenants").status_code for _ in range(3)] == [401, 401, 429]
    refused = wrong.get("/tenants")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert member("viewer").get("/tenants").status_code == 200
