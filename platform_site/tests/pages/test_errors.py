"""The database is away: 503 everywhere, and no word of the driver's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from testing.callers import superuser

pytestmark = pytest.mark.django_db
HOST = "10.0.0.7"


def away(*_: Any) -> Any:
    raise OperationalError(2002, f"Can't connect to server on '{HOST}' (115)")


def wrong(*_: Any) -> Any:
    raise OperationalError(1054, "Unknown column")


@pytest.fixture
def web() -> Client:
    root = User.objects.create_superuser("boss", password="a long one, please")
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(root)
    return client


def test_the_api_says_so_as_a_problem_and_when_to_try_again() -> None:
    caller = superuser()
    caller.client.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = caller.get("/scheduled-tasks")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer["Content-Type"] == "application/problem+json"
    assert int(answer["Retry-After"]) > 0
    assert HOST not in answer.content.decode()


def test_a_page_is_a_plain_one_that_says_so(web: Client) -> None:
    with connection.execute_wrapper(away):
        answer = web.get("/admin/")
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (503, True)
    assert "The database does not answer" in answer.content.decode()
    assert HOST not in answer.content.decode()


def test_another_error_of_the_database_stays_a_mistake_of_ours(web: Client) -> None:
    with connection.execute_wrapper(wrong):
        assert web.get("/admin/").status_code == 500
        assert web.get("/api/scheduled-tasks").json()["code"] == "internal_server_error"
