"""What users and operators read is there in Chinese, and says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_links import CODE, DOCUMENTS, LINK

CHINESE = ".zh-CN.md"
# For people who change the code.
ENGLISH_ONLY = {"CHANGELOG.md", "benchmarks.md"}
TRANSLATED = [path for path in DOCUMENTS if path.name.endswith(CHINESE)]
EVERY_TRANSLATION = pytest.mark.parametrize("chinese", TRANSLATED, ids=lambda path: path.name)


def original_of(chinese: Path) -> Path:
    return chinese.with_name(chinese.name.replace(CHINESE, ".md"))


def headings(path: Path) -> list[str]:
    return re.findall(r"^(#+) ", CODE.sub("", path.read_text()), re.MULTILINE)


def commands(path: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def rows(path: Path) -> list[list[str]]:
    """Of each row of a table the names in code in its first cell."""
    cells = re.findall(r"^\|([^|]*)\|", path.read_text(), re.MULTILINE)
    return [re.findall(r"`([^`]+)`", cell) for cell in cells]


def test_what_people_read_is_there_in_chinese() -> None:
    originals = {original_of(path) for path in TRANSLATED}
    missing = {path.name for path in DOCUMENTS if path not in TRANSLATED and path not in originals}
    assert missing == ENGLISH_ONLY


@EVERY_TRANSLATION
def test_a_translation_has_the_headings_of_its_original(chinese: Path) -> None:
    assert headings(chinese) == headings(original_of(chinese))


@EVERY_TRANSLATION
def test_a_translation_has_the_commands_of_its_original(chinese: Path) -> None:
    assert commands(chinese) == commands(original_of(chinese))


@EVERY_TRANSLATION
def test_a_translation_has_the_rows_of_its_original(chinese: Path) -> None:
    assert rows(chinese) == rows(original_of(chinese))


@EVERY_TRANSLATION
def test_both_lead_to_each_other_where_they_begin(chinese: Path) -> None:
    original = original_of(chinese)
    for page, other in ((chinese, original), (original, chinese)):
        beginning = "\n".join(page.read_text().splitlines()[:8])
        assert f"({other.name})" in beginning, page.name


@EVERY_TRANSLATION
def test_a_chinese_page_leads_to_chinese_pages(chinese: Path) -> None:
    there = {path.name for path in TRANSLATED}
    links = {link.partition("#")[0] for link in LINK.findall(CODE.sub("", chinese.read_text()))}
    english = {Path(link).name for link in links if link.endswith(".md")} - {original_of(chinese).name}
    assert {name for name in english if name.replace(".md", CHINESE) in there} == set()
