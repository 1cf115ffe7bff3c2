from pathlib import Path

import pytest

from sandbox.declarations import FUNCTIONS
from sandbox.reference import Language, page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("language", "file"), [("en", "sdk.md"), ("zh", "sdk.zh-CN.md")])
def test_the_page_in_the_documents_is_the_one_that_is_printed(language: Language, file: str) -> None:
    """If not: python -m sandbox docs > docs/sdk.md; python -m sandbox docs --language zh > docs/sdk.zh-CN.md"""
    assert (DOCS / file).read_text(encoding="utf-8") == page(language)


def test_every_function_has_its_example() -> None:
    assert all(function.name in function.example and function.example in page("en") for function in FUNCTIONS)
