import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.host.output import Output, safe_text
from scheduling.worker.run_secrets import RunSecrets


def test_secrets_are_masked_at_any_depth() -> None:
    secrets = RunSecrets(["hunter22"])
    assert secrets.mask_tree({"a": ["my hunter22"]}) == {"a": ["my ***"]}


def test_what_is_handed_out_later_is_masked_from_then_on() -> None:
    secrets = RunSecrets([])
    secrets.hide("hunter22")
    assert secrets.mask("my hunter22") == "my ***"


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x9b", "\r", "\u202e", "\u2028", "\ud800"])
def test_a_line_holds_no_character_that_a_terminal_obeys_or_a_database_refuses(character: str) -> None:
    assert RunSecrets([]).mask(f"a{character}b\r\n\tc") == f"a\\u{ord(character):04x}b\n\tc"


def test_half_a_surrogate_pair_in_a_value_is_replaced_where_a_database_would_refuse_the_row() -> None:
    assert RunSecrets([]).mask_tree({"k\ud800": ["\ud800", "😀"]}) == {"k?": ["?", "😀"]}


@pytest.mark.parametrize("mask", ["mask_tree", "mask_message"])
def test_colours_are_left_out_of_values_and_hide_no_secret(mask: str) -> None:
    secrets = RunSecrets(["hunter22"])
    value = {"\x1b[1mkey": ["\x1b[31mred\x1b[0m", "hunt\x1b[32mer22", 1]}
    assert getattr(secrets, mask)(value) == {"key": ["red", "***", 1]}


def test_numbers_that_are_no_json_become_none() -> None:
    assert RunSecrets([]).mask_tree([float("nan"), float("inf"), 1.5]) == [None, None, 1.5]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("\x1b[31mred\x1b[0m\x1b[2K\x00", "\x1b[31mred\x1b[0m\\u0000"),
        ("\x1b[31mhunter2-\x1b[1mhunter2\x1b[0m", "***"),
        ("plain hunter2-hunter2", "plain ***"),
    ],
)
def test_a_line_keeps_its_colours_unless_a_secret_stands_in_it(line: str, kept: str) -> None:
    assert RunSecrets(["hunter2-hunter2"]).mask_line(line) == kept


@given(
    st.text(min_size=8).filter(lambda text: len(text.strip()) >= 8 and set(text) - {"*"}),
    st.sampled_from([str, json.dumps, lambda secret: secret + "\n"]),
    st.lists(st.integers(0, 100)),
)
def test_a_secret_is_masked_wherever_its_text_is_cut_into_writes(
    secret: str, form: Callable[[str], str], cuts: list[int]
) -> None:
    secrets, lines = RunSecrets([secret]), list[str]()
    output = Output(lambda stream, text: lines.append(secrets.mask(text)), limit=10, max_lines=1000)
    written = f"> {form(secret)} <"
    for start, end in pairwise([0, *sorted(cuts), max(len(written), *cuts)] if cuts else [0, len(written)]):
        output.add("stdout", written[start:end])
    output.finish()
    shown = "\n".join(lines)
    assert not [line for line in _long_lines(form(secret)) if safe_text(line) in shown]


def _long_lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n") if len(line.strip()) >= 8]
