import base64
import json
import math
import random
import tracemalloc
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.redact import Masker

SECRET = 'pä"ss/wörd+\\1 2'

ACCOUNTS = "\n".join(f"account-{n:02},{n * 7919:08x}" for n in range(4))
PEM = (
    "-----BEGIN KEY-----\n" + "\n".join("MIIE/vQ+BADANBg"[n:] + "kqhkiG9w0BAQE" * 4 for n in range(5)) + "\n"
)
SECRETS = st.text(min_size=8).filter(lambda text: len(text.strip()) >= 8 and set(text.strip()) - {"*"})
FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "with a line break": lambda secret: secret + "\n",
    "stripped": str.strip,
    "json": json.dumps,
    "json, not escaped": lambda secret: json.dumps(secret, ensure_ascii=False),
    "json in json": lambda secret: json.dumps(json.dumps(secret)),
    "repr": repr,
    "quoted": lambda secret: quote(secret, safe="", errors="surrogatepass"),
    "quoted by a browser": lambda secret: quote(secret, safe="!'()*", errors="surrogatepass"),
    "form": lambda secret: quote_plus(secret, errors="surrogatepass"),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64 of a line": lambda secret: base64.b64encode(f"{secret}\n".encode()).decode(),
}
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


@pytest.mark.parametrize("secret", ["correct-horse-battery", "correct-horse-batter", "correct-horse-batte"])
@pytest.mark.parametrize("user", ["", "u", "us", "use", "user"])
def test_of_a_password_inside_basic_authorization_only_what_others_share_is_left(
    user: str, secret: str
) -> None:
    """Each character of base64 holds six bits: at both ends one may hold bits of the password's neighbours."""
    before = f"{user}:"
    encoded = base64.b64encode(f"{before}{secret}~".encode()).decode()
    first, end = math.ceil(len(before) * 8 / 6), len(before + secret) * 8 // 6
    assert Masker([secret]).mask(encoded) == f"{encoded[:first]}***{encoded[end:]}"


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


@given(SECRETS, st.sampled_from(sorted(FORMS)))
def test_no_form_of_any_value_survives(secret: str, form: str) -> None:
    written = FORMS[form](secret)
    assert written.strip() not in Masker([secret])._mask_values(f"> {written} <")


@pytest.mark.parametrize(
    "secret", [ACCOUNTS, PEM, "  padded secret \n", "\r\n".join(["first line", "second one"])]
)
def test_each_long_line_of_a_value_is_masked_by_itself(secret: str) -> None:
    masker = Masker([secret])
    for line in secret.split("\n"):
        assert masker.mask(f"a {line.strip()} b") == "a *** b" if line else True


def test_each_long_part_of_a_list_of_accounts_is_masked_by_itself() -> None:
    masker = Masker(["first-account&short&third-account\nfourth-account"])
    assert masker.mask("first-account short third-account fourth-account") == "*** short *** ***"


def test_short_lines_of_a_value_are_left_alone() -> None:
    assert Masker(["{\n  short\n  is long enough\n}"]).mask("{ short, is long enough }") == "{ short, *** }"


@pytest.mark.parametrize("size", [63, 64, 65, 255, 257, 1025, 70_000])
def test_a_value_of_any_length_is_masked_whole(size: int) -> None:
    secret = "".join(chr(0x4E00 + n * n % 9973) for n in range(size))
    assert Masker([secret]).mask(f"a {secret} b {secret[1:]}").startswith("a *** b ")


def test_a_number_that_is_a_secret_is_masked_in_a_tree() -> None:
    tree = {"pin": 40321775, "year": 2026, "yes": True, "share": 0.5}
    assert Masker(["40321775"]).mask_tree(tree) == {**tree, "pin": "***"}


def test_a_value_that_is_known_is_not_put_down_again() -> None:
    masker = Masker(["hunter22-hunter22"])
    kept = len(masker._pieces), len(masker._lengths)
    for _ in range(1000):
        masker.add("hunter22-hunter22")
    assert (len(masker._pieces), len(masker._lengths)) == kept


def test_of_long_values_not_every_form_is_kept() -> None:
    values = [random.Random(n).randbytes(24 << 10).hex() for n in range(20)]
    tracemalloc.start()
    try:
        masker = Masker(values)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert masker.holds(values[7])
    assert kept < 2 * sum(map(len, values))  # the forms themselves are a dozen times as long


def test_the_work_on_a_text_does_not_grow_with_the_number_of_values() -> None:
    class Counted(set[int]):
        asked = 0

        def __contains__(self, piece: object) -> bool:
            Counted.asked += 1
            return super().__contains__(piece)

    masker = Masker(f"secret-value-{n:04}-{n * 7919}" for n in range(500))
    masker._pieces = Counted(masker._pieces)
    masker.mask("secret-free text, " * 1000)
    assert 0 < Counted.asked < 10 * 1000


LONG = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3000))


@pytest.mark.parametrize("secret", [SECRET, LONG[:40], LONG[:64], LONG[:200], LONG, f"app-{LONG[:40]}"])
@pytest.mark.parametrize("last", [0, 300])
def test_no_cut_goes_through_a_secret(secret: str, last: int) -> None:
    masker = Masker([] if secret.startswith("app-") else [secret])
    parts = {secret[start : start + 8] for start in range(len(secret) - 7)}
    for shown in range(1, len(secret), 1 if len(secret) < 100 else 97):
        text = "." * (5000 - shown) + secret + "!" * 5000 + secret + "." * (300 - shown)
        kept = masker.mask(masker.cut(text, 5000, last))
        assert len(kept) <= 5000 + last + len("\n…\n")
        assert kept.startswith("." * (5000 - shown - 64))
        left = {part for part in parts if part in kept}
        assert not left or (secret.startswith("app-") and left <= {secret[-8:]})


def test_secrets_that_overlap_at_a_cut_are_left_out_together() -> None:
    masker = Masker(["abcdefgh", "efghijkl", "ijklmnop"])
    text = "-----" + "abcdefghijklmnop" + "-----"
    assert masker.cut(text, 18) == "-----"
    assert masker.cut(text, 2, 8) == "--\n…\n-----"


def test_a_text_that_is_short_enough_is_not_touched() -> None:
    masker = Masker(["hunter22"])
    assert masker.cut("my hunter22", 11) == "my hunter22"
    assert masker.cut("my hunter22", 5, 6) == "my hunter22"


@given(st.text(max_size=30), SECRETS, st.text(max_size=30), st.integers(0, 60))
def test_what_is_cut_and_masked_is_a_beginning_of_what_is_masked(
    before: str, secret: str, after: str, length: int
) -> None:
    masker, text = Masker([secret]), before + secret + after
    cut = masker.cut(text, length)
    assert text.startswith(cut)
    assert masker.cut(cut, length) == cut


def test_a_cut_looks_at_what_is_around_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret of one repeated character, in a run of that character, reaches back to its beginning."""
    looked = 0
    spans = Masker._spans

    def counted(masker: Masker, text: str) -> Iterator[tuple[int, int]]:
        nonlocal looked
        looked += 1
        return spans(masker, text)

    monkeypatch.setattr(Masker, "_spans", counted)
    masker = Masker(["0000"])
    assert masker.cut("x" + "0" * 20_000, 15_000) == "x"
    assert masker.cut("y" + "0" * 9_000 + "x", 1, last=5_000) == "y\n…\nx"
    assert looked == 3
