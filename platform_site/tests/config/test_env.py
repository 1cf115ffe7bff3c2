from __future__ import annotations

from collections.abc import Callable

import pytest

from platform_site.config.env import Reader, SettingError


def test_an_empty_variable_counts_as_unset() -> None:
    assert Reader({"LEFT": " ", "RIGHT": "r"}).text("LEFT", "RIGHT", default="d") == "r"
    assert Reader({"LEFT": ""}).text("LEFT", default="d") == "d"


def test_of_two_names_the_first_wins() -> None:
    env = Reader({"PLATFORM_PORT": "8100", "FLASK_PORT": "5001"})
    assert env.port("PLATFORM_PORT", "FLASK_PORT", default=8000) == 8100
    assert Reader({"FLASK_PORT": "5001"}).port("PLATFORM_PORT", "FLASK_PORT", default=8000) == 5001


def test_a_wrong_alias_is_named_itself() -> None:
    with pytest.raises(SettingError, match=r"^FLASK_PORT: 'x' is not a whole number$"):
        Reader({"FLASK_PORT": "x"}).port("PLATFORM_PORT", "FLASK_PORT", default=8000)


@pytest.mark.parametrize(
    ("value", "means"), [("1", True), ("True", True), ("on", True), ("no", False), ("0", False), ("", False)]
)
def test_flags_are_read_as_people_write_them(value: str, means: bool) -> None:
    assert Reader({"DEBUG": value}).flag("DEBUG") is means


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda env: env.flag("IT"), "maybe"),
        (lambda env: env.number("IT", default=1), "1.5"),
        (lambda env: env.number("IT", default=1), "-1"),
        (lambda env: env.port("IT", default=1), "0"),
        (lambda env: env.choice("IT", ("A", "B"), "A"), "C"),
        (lambda env: env.networks("IT"), "10.0.0.0/33"),
        (lambda env: env.url("IT", ("http",)), "ftp://host"),
        (lambda env: env.url("IT", ("http",)), "http:host"),
        (lambda env: env.fernet_keys("IT", ""), "too-short"),
    ],
)
def test_a_wrong_value_is_refused_by_name(read: Callable[[Reader], object], value: str) -> None:
    with pytest.raises(SettingError, match=r"^IT: "):
        read(Reader({"IT": value}))


def test_a_key_that_is_wrong_is_not_repeated_in_the_message() -> None:
    with pytest.raises(SettingError) as caught:
        Reader({"IT": "almost-a-secret"}).fernet_keys("IT", "")
    assert "almost-a-secret" not in str(caught.value)


def test_the_first_systems_names_make_a_mysql_address() -> None:
    env = Reader({"DB_HOST": "db", "DB_USER": "job", "DB_PASSWORD": "a/b@c", "DB_NAME": "jobs"})
    assert env.database_url("unused") == "mysql://job:a%2Fb%40c@db:3306/jobs"


def test_they_count_only_without_database_url() -> None:
    assert Reader({"DB_HOST": "db", "DATABASE_URL": "sqlite:////x"}).database_url("d") == "sqlite:////x"
    assert Reader({"DB_PASSWORD": "p"}).database_url("d") == "d"
