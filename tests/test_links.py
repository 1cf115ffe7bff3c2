"""Every relative link of a document leads to a file that is there, and to a heading that it has.

Every path that a document names in code is one of the checkout.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

LINK = re.compile(r"(?<!\\)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
PACKAGES = (
    "common",
    "notifications",
    "platform_site",
    "sandbox",
    "scheduling",
    "tenants",
    "testing",
    "tests",
)
NAMED = re.compile(r"`(\w[\w./-]*)`")
TOP = {path.name for path in BASE_DIR.iterdir()}
DOCUMENTS = sorted(
    path for place in (BASE_DIR, BASE_DIR / "docs", BASE_DIR / "bench") for path in place.glob("*.md")
)


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings: lower case, marks away, spaces to hyphens, a number behind a repetition."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} +(.+?) *$", path.read_text(), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        before = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other) is not None for other in found)
        found.append(f"{slug}-{before}" if before else slug)
    return set(found)


def broken(path: Path) -> list[str]:
    bad = []
    for link in LINK.findall(CODE.sub("", path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            bad.append(link)
    return bad


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(BASE_DIR).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# One thing\n## One thing\n## `code`, and 中文\n")
    (tmp_path / "a.md").write_text(
        "[x](b.md) [x](b.md#one-thing-1) [x](b.md#code-and-中文) [x](#none) [x](c.md) `[x](d.md)`\n"
        "```\n[x](e.md)\n```\n[x](https://a.b/c) ![picture](b.png)\n"
    )
    assert broken(tmp_path / "a.md") == ["#none", "c.md", "b.png"]


def is_there(name: str) -> bool:
    """Whether a path is there; a module may be named without the folder that the text is about."""
    return (BASE_DIR / name).exists() or any(
        next((BASE_DIR / top).rglob(name), None) for top in PACKAGES if name.endswith(".py")
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(BASE_DIR).as_posix())
def test_every_path_that_is_named_is_there(path: Path) -> None:
    named = [name for name in NAMED.findall(path.read_text()) if name.endswith(".py") or "/" in name]
    ours = {name for name in named if name.endswith(".py") or name.partition("/")[0] in TOP}
    assert {name for name in ours if not is_there(name)} == set()


def test_every_document_is_found_from_the_readme() -> None:
    found, ahead = set[Path](), [BASE_DIR / "README.md"]
    while ahead:
        page = ahead.pop()
        found.add(page)
        links = LINK.findall(CODE.sub("", page.read_text()))
        pages = {(page.parent / link.partition("#")[0]).resolve() for link in links}
        ahead += [other for other in DOCUMENTS if other in pages and other not in found]
    assert {path.name for path in DOCUMENTS} - {path.name for path in found} == set()
