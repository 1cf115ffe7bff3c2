import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.redact import Masker

SECRET = 'pä"ss/wörd+\\1 2'

DRESSES = {
    "plain": SECRET,
    "json": json.dumps({"k": SECRET}),
    "json, not escaped": json.dumps({"k": SECRET}, ensure_ascii=False),
    "json in json": json.dumps({"k": json.dumps({"k": SECRET})}),
    "repr": repr({"k": SECRET}),
    "quoted": quote(SECRET),
    "quoted, slashes too": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_a_secret_is_masked_in_every_dress(dress: str) -> None:
    text = f"before {DRESSES[dress]} after"
    masked = Masker([SECRET]).mask(text)
    assert DRESSES[dress] not in masked
    assert "rd" not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "***" in masked


@pytest.mark.parametrize("user", ["", "u", "us", "use", "user"])
def test_a_password_inside_basic_authorization_is_masked(user: str) -> None:
    secret = "correct-horse-battery"
    encoded = base64.b64encode(f"{user}:{secret}:x".encode()).decode()
    left = Masker([secret]).mask(encoded).split("***")
    assert len(left) == 2
    assert max(len(part) for part in left) <= 8


def test_the_longest_value_goes_first() -> None:
    assert Masker(["secret", "secret-and-more"]).mask("a secret-and-more b secret c") == "a *** b *** c"


def test_values_that_overlap_in_the_text_leave_nothing() -> None:
    assert Masker(["abcd1234", "1234efgh"]).mask("x abcd1234efgh y") == "x *** y"
    assert Masker(["aaaa"]).mask("aaaaaa") == "***"


@pytest.mark.parametrize("value", ["", "1", "yes"])
def test_a_value_under_four_characters_is_left_alone(value: str) -> None:
    assert Masker([value]).mask("1, yes or no") == "1, yes or no"


def test_every_text_in_a_tree_is_masked() -> None:
    tree = {"k s3cret": ["s3cret", {"n": 1, "x": None}, ("a s3cret",)], "flag": True}
    assert Masker(["s3cret"]).mask_tree(tree) == {
        "k ***": ["***", {"n": 1, "x": None}, ["a ***"]],
        "flag": True,
    }


def test_difys_user_is_masked_by_its_key() -> None:
    assert Masker([]).mask_tree([{"sys.user_id": "ann", "user": "bob"}]) == [
        {"sys.user_id": "***", "user": "bob"}
    ]


def test_known_shapes_are_masked_without_being_told() -> None:
    assert Masker([]).mask("Bearer abcdefgh12345678") == "Bearer ***5678"


@given(st.text(min_size=4), st.text(), st.text())
def test_no_value_survives(secret: str, before: str, after: str) -> None:
    masked = Masker([secret])._mask_values(f"{before}{secret}{after}")
    assert secret not in masked or set(secret) == {"*"} or secret in f"{before}***{after}"


def test_many_values_and_a_large_text_are_no_trouble() -> None:
    masker = Masker(f"secret-value-{n:04}-{n * 7919}" for n in range(500))
    line = "nothing to see here, move along. " * 30_000
    assert masker.mask(line + "secret-value-0042-332598") == line + "***"
