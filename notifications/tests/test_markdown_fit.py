"""Parts keep within their bytes, are well-formed alone, and cost no more than their text."""

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notifications.markdown import fit as fitting
from notifications.markdown.document import Document
from notifications.markdown.fit import OPENS_BLOCK, UNSEEN, Fitted
from notifications.markdown.parser import MAX_CHARACTERS
from notifications.markdown.sizes import Size, head, json_size, shorten, utf8_size
from notifications.markdown.writer import written
from notifications.markdown.written import unmarked

PIECES = st.sampled_from(
    [
        *("a", "字", " ", "\n", "\n\n", "😀", "e\u0301", "🇨🇳", "。", "\\|", "|", "**b**", "`c`", "<@id>"),
        *("```\n", "~~~py\n", "| a | b |\n|---|---|\n", "| 1 | 2 |\n", "- item\n", "> q\n", "# h\n"),
        *("[t](https://e.com/x)", "https://e.com/y "),
    ]
)
TEXTS = st.lists(PIECES, max_size=300).map("".join)


def fit(text: str, limit: int, **how: Any) -> Fitted:
    return fitting.fit(written(Document(text)), limit, **how)


def bare(fitted: Fitted) -> list[str]:
    """The parts without their numbers."""
    return [re.sub(r"\n\n\(\d/\d\)$", "", part) for part in fitted.parts]


@settings(deadline=None)
@given(TEXTS, st.integers(64, 400), st.sampled_from([utf8_size, json_size]))
def test_no_part_is_over_its_limit(text: str, limit: int, size: Size) -> None:
    fitted = fit(text, limit, size=size, tail="…[all](https://p/1)")
    assert len(fitted.parts) <= 3
    assert all(size(part) <= limit for part in fitted.parts)


@settings(deadline=None)
@given(TEXTS, st.integers(64, 400))
@example("字" + "[t](https://e.com/x)" * 2 + "https://e.com/y a" + "[t](https://e.com/x)" * 2 + "```\n", 64)
def test_every_part_closes_its_fences(text: str, limit: int) -> None:
    parts = fit(text, limit).parts
    if len(parts) > 1:
        for part in parts:
            body = re.sub(r"\n\n\(\d/\d\)$", "", part)
            rest = "after"
            assert Document(f"{body}\n\n{rest}").units[-1].lines == (rest,)


@settings(deadline=None)
@given(TEXTS, st.integers(200, 2000))
def test_what_is_not_cut_is_all_there(text: str, limit: int) -> None:
    fitted = fit(text, limit)
    if not fitted.cut:
        shown = "".join(bare(fitted))
        for mark in ("字", "😀", "- item", "https://e.com/x"):
            assert shown.count(mark) >= text.count(mark)


def test_what_fits_is_left_alone() -> None:
    assert fit("a  \n\n\n > *b", 4096) == Fitted(("a  \n\n\n > *b",))


def test_a_fence_left_open_is_closed_for_what_follows() -> None:
    assert fit("```\nopen", 4096) == Fitted(("```\nopen\n```",))


def test_a_text_that_is_no_markdown_is_split_as_it_stands() -> None:
    text = "```\n" + "*a* 字 " * 40 + "\n| a |\n|---|"
    parts = bare(fitting.fit(unmarked(text), 128))
    assert "".join(parts).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")


def test_a_broken_line_of_quoted_code_stays_in_its_quote() -> None:
    parts = bare(fit("> ```\n> " + "x" * 150 + "\n> ```", 128))
    assert [part.split("\n")[0] for part in parts] == ["> ```", "> ```"]
    assert all(line.startswith("> ") for part in parts for line in part.split("\n"))


def test_what_is_never_looked_at_is_said_to_be_cut() -> None:
    text = "<font>" + "a" * MAX_CHARACTERS + "</font>"
    fitted = fit(text, 2 * MAX_CHARACTERS, tail="… [all](https://p/1)")
    assert fitted.cut
    assert fitted.parts[0].endswith("… [all](https://p/1)")


def test_a_text_is_split_between_its_paragraphs() -> None:
    paragraphs = ["甲" * 25, "乙" * 25, "丙" * 25]
    assert bare(fit("\n\n".join(paragraphs), 110)) == paragraphs


def test_a_fence_is_closed_and_opened_again() -> None:
    text = "```py\n" + "\n".join(f"line {n}" for n in range(40)) + "\n```"
    parts = bare(fit(text, 200))
    assert len(parts) == 2
    assert all(part.startswith("```py\n") and part.endswith("\n```") for part in parts)
    lines = [line for part in parts for line in part.split("\n")[1:-1]]
    assert lines == [f"line {n}" for n in range(40)]


def test_a_tables_head_is_repeated() -> None:
    text = "| k | v |\n|---|---|\n" + "\n".join(f"| {n} | x |" for n in range(30))
    parts = bare(fit(text, 150))
    assert all(part.startswith("| k | v |\n|---|---|\n|") for part in parts)
    assert all(line.count("|") == 3 for part in parts for line in part.split("\n"))


@pytest.mark.parametrize(
    "atom", ["[报表](https://e.com/a?b=c)", "**很重要的话**", "`a b c`", '<font color="info">好</font>']
)
def test_no_part_ends_inside_a_link_or_a_mark(atom: str) -> None:
    for before in range(60, 140):
        parts = bare(fit("字" * (before // 3) + "a" * (before % 3) + atom + "字" * 60, 128))
        assert sum(part.count(atom) for part in parts) == 1


@pytest.mark.parametrize("character", ["👨‍👩‍👧", "🇨🇳", "é", "👍🏽", "字"])
def test_no_part_ends_inside_a_character(character: str) -> None:
    parts = bare(fit(character * 40, 128))
    assert all(not part.replace(character, "").strip("…") for part in parts)
    assert head(character * 3, utf8_size(character) * 2 + 1) == character * 2


def test_a_long_line_is_broken_after_a_sentence() -> None:
    assert bare(fit("第一句话说完了。" * 10, 128))[0].endswith("。")
    assert bare(fit("some words in a row " * 20, 128))[0].endswith(("some", "words", "in", "a", "row"))


def test_beyond_three_parts_the_text_is_cut_and_says_so() -> None:
    fitted = fit("word " * 1000, 128, tail="… [all](https://p/1)")
    assert fitted.cut
    assert len(fitted.parts) == 3
    assert bare(fitted)[-1].endswith("… [all](https://p/1)")
    assert fitted.parts[0].endswith("(1/3)")


def test_a_single_part_has_no_number() -> None:
    fitted = fit("word " * 1000, 128, max_parts=1, tail="…")
    assert len(fitted.parts) == 1
    assert fitted.parts[0].endswith("…")


def test_shorten_says_that_something_is_missing() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("字字字", 8) == "字…"


def test_bytes_in_json_count_its_escapes() -> None:
    assert json_size('"\n字') == 2 + 2 + 3
    assert utf8_size('"\n字') == 1 + 1 + 3


HOSTILE = {
    "brackets": "![",
    "links": "[](a",
    "tables": "| a |\n|---|\n",
    "rules": "|-",
    "fences": "```\n~~~\n",
    "ticks": "`",
    "stars": "*a",
    "flags": "🇨",
    "accents": "\u0301",
    "joiners": "\u200d",
    "tags": "<font ",
    "blank": "\n",
    "spaces": " ",
    "urls": "https://e.com/",
}


@pytest.mark.parametrize("seed", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_megabyte_costs_no_more_than_its_parts(seed: str) -> None:
    """Counted in characters whose size was taken: what lies beyond the last part is never measured."""
    measured = 0

    def counting(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return utf8_size(text)

    costs = []
    for count in (100_000, 1_000_000):
        measured = 0
        fit((seed * (count // len(seed) + 1))[:count], 4096, size=counting)
        costs.append(measured)
    assert costs[1] <= costs[0] * 1.01
    assert costs[1] <= 40 * 3 * 4096


AFTER = " " + "b" * 300


@pytest.mark.parametrize(
    "rest",
    ["```" + AFTER, "#" + AFTER, ">" + AFTER, "-" + AFTER, "1." + AFTER, "| a |" + AFTER, "---", "==="],
)
def test_text_from_the_middle_of_a_line_opens_no_block_in_a_later_part(rest: str) -> None:
    text = "word " * 24 + rest
    begun = {part for limit in range(64, 110) for part in fit(text, limit).parts[1:]}
    assert not [part for part in begun if OPENS_BLOCK.match(part)]
    assert [part for part in begun if part.startswith(UNSEEN + rest[:2])]


def test_code_that_is_broken_stays_as_it_is_written() -> None:
    code = "a - b | c # d > e " * 30
    parts = [part for limit in range(64, 110) for part in fit(f"```\n{code}\n```", limit).parts]
    assert not [part for part in parts if UNSEEN in part]
