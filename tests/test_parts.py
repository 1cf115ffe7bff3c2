"""Which tests run where: the parts of the Makefile and of conftest.py leave nothing out unseen."""

from __future__ import annotations

from conftest import ABOVE_SQL
from platform_site.config.data_dir import BASE_DIR

ROOMS = ("bench", "common", "notifications", "platform_site", "sandbox", "scheduling", "tenants")


def test_what_starts_the_whole_platform_or_a_browser_stands_where_the_makefile_looks_for_it() -> None:
    elsewhere = [path for room in ROOMS for path in (BASE_DIR / room).rglob("test_*.py")]
    assert elsewhere
    marks = ("mark.acceptance", "mark.browser")
    assert [path for path in elsewhere if any(mark in path.read_text() for mark in marks)] == []


def test_each_folder_that_stands_above_sql_is_there() -> None:
    tests = [path for path in BASE_DIR.glob("*/tests/*") if path.is_dir()]
    assert {path.name for path in [*tests, *(BASE_DIR / "tests").iterdir()]} >= ABOVE_SQL
