"""The admin is complete in both languages. `python -m tests.translations` adds what is new and compiles."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from babel.messages.catalog import Message as CatalogueMessage
from django.utils import translation

from notifications.notes import TEXTS, note
from scheduling.admin.wording import ERROR_CODES
from scheduling.lifecycle.error_codes import RETRYABLE
from tests.translations import catalogue
from tests.translations.sources import Message, in_python, in_template, messages

# The same in both languages: names of things.
SAME = {"API", "CRON", "Dify", "Webhook", "worker"}


@pytest.fixture(scope="module")
def in_sources() -> set[Message]:
    return set(messages())


def test_the_catalogue_holds_exactly_what_the_sources_say(in_sources: set[Message]) -> None:
    stored = catalogue.read()
    assert {message.id for message in stored if message.id} == in_sources


def test_every_text_has_a_translation_of_its_own() -> None:
    untranslated = [
        message.id
        for message in catalogue.read()
        if message.id and message.id not in SAME and (not message.string or message.string == message.id)
    ]
    assert untranslated == []


def test_the_compiled_file_is_made_from_the_readable_one() -> None:
    assert catalogue.MO.read_bytes() == catalogue.as_mo(catalogue.read())


def test_a_translation_keeps_the_placeholders() -> None:
    for message in catalogue.read():
        source = message.id if isinstance(message.id, str) else message.id[0]
        for text in texts_of(message) if source else []:
            assert placeholders(text) == placeholders(source), source


def texts_of(message: CatalogueMessage) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def placeholders(text: str) -> set[str]:
    named = {part.split(")")[0] for part in text.split("%(")[1:]}
    if not named and "{" in text and '{"' not in text:
        return {name or "" for _, name, _, _ in Formatter().parse(text) if name is not None}
    return named


# Between Chinese characters, which a placeholder may stand for, the signs are full-width.
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff”）](?:[,;:!?]|\.(?!\w))|[,;:!?][\u4e00-\u9fff“（]|\)s[,;:] ?[\u4e00-\u9fff]"
)


def test_a_translation_has_full_width_punctuation() -> None:
    texts = [text for message in catalogue.read() for text in texts_of(message)]
    assert [text for text in texts if HALF_WIDTH.search(text)] == []


@pytest.mark.parametrize("text", ["失败:%(why)s", "先保存,再运行。", "已完成.", "%(name)s:失败"])
def test_half_width_punctuation_is_found(text: str) -> None:
    assert HALF_WIDTH.search(text)


@pytest.mark.parametrize(
    "text", ["失败：%(why)s", "例如 08:00, 12:30。", "文件名.py 无效。", "%(name)s：失败"]
)
def test_punctuation_of_code_and_figures_is_left_alone(text: str) -> None:
    assert not HALF_WIDTH.search(text)


# Chinese words have no spaces between them, nor have the names of models, which are Chinese as well.
MODEL = r"(?:%s|%\((?:verbose_name|verbose_name_plural|model|objects?_name|items)\)s)"
SPACED = re.compile(
    r"[\u4e00-\u9fff，。：；（）“”] +[\u4e00-\u9fff，。：；（）“”]"
    rf"|[\u4e00-\u9fff] {MODEL}|{MODEL} [\u4e00-\u9fff]"
)


def test_chinese_words_stand_without_spaces() -> None:
    texts = [text for message in catalogue.read() for text in texts_of(message)]
    assert [text for text in texts if SPACED.search(text)] == []


@pytest.mark.parametrize(
    "text", ["选择 任务 来修改", "选择 %s 来修改", "删除所选的 %(model)s", "失败， 请重试"]
)
def test_a_space_between_chinese_words_is_found(text: str) -> None:
    assert SPACED.search(text)


def test_readers_get_chinese_texts_and_english_ones() -> None:
    with translation.override("zh-hans"):
        assert note("title_cut", most=64).text == "标题已截断为 64 个字符。"
        assert translation.gettext("Type to search") == "输入以搜索"  # unfold's
        assert translation.gettext("Filters") == "筛选"
    with translation.override("en"):
        assert note("title_cut", most=64).text == "The title was cut to 64 characters."


@pytest.mark.parametrize("code", sorted(RETRYABLE))
def test_every_error_code_has_words(code: str) -> None:
    assert code in ERROR_CODES


def test_notes_are_found_by_the_extractor(in_sources: set[Message]) -> None:
    assert set(TEXTS.values()) <= in_sources


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("plain")', ["plain"]),
        ('gettext_lazy("two " "parts")', ["two parts"]),
        ('ngettext("one", "many", n)', [("one", "many")]),
        ('print("not marked")', []),
    ],
)
def test_texts_are_found_in_python(source: str, found: list[Message]) -> None:
    assert list(in_python(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% load i18n %}{% translate "plain" %}', ["plain"]),
        ('{% load i18n %}{% trans "it\'s" as x %}', ["it's"]),
        ("{% load i18n %}{% blocktranslate %}{{ n }} runs{% endblocktranslate %}", ["%(n)s runs"]),
        (
            "{% load i18n %}{% blocktranslate count n=k %}one{% plural %}many{% endblocktranslate %}",
            [("one", "many")],
        ),
        ('<a title="{{ x|default:_("none") }}">', ["none"]),
    ],
)
def test_texts_are_found_in_templates(source: str, found: list[Message]) -> None:
    assert list(in_template(source)) == found
