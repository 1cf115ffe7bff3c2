"""docs/upgrading-libraries.md names every private part of a library that we use, and the tests that notice a change."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest

from platform_site.config.data_dir import BASE_DIR

PAGE = BASE_DIR / "docs" / "upgrading-libraries.md"
# The sandbox derives nothing from a library's classes, and its guest's modules can't be imported here.
PACKAGES = ("common", "notifications", "platform_site", "scheduling", "tenants")
NAMED = re.compile(r"`([^`]+)`")
PRIVATE = re.compile(r"\.(_(?!meta\b)[a-z]\w*)")  # Django documents _meta


class Hook(NamedTuple):
    library: str
    names: str
    files: list[str]
    tests: list[str]


class Use(NamedTuple):
    file: str
    name: str


def hooks() -> list[Hook]:
    found = []
    for section in PAGE.read_text().split("\n## ")[1:]:
        rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)[1:]
        for names, files, _, _, tests in (row.split(" | ") for row in rows):
            found.append(Hook(section.split("\n")[0], names, NAMED.findall(files), NAMED.findall(tests)))
    return found


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (
            path
            for path in sorted((BASE_DIR / package).rglob("*.py"))
            if not {"tests", "migrations"} & {*path.parts} and path.name != "__main__.py"
        )


def inherited(path: Path) -> Iterator[Use]:
    """Yield the private members that a class of this file overrides or uses and a library's class defines."""
    name = path.relative_to(BASE_DIR).as_posix()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and node.bases:
            module = importlib.import_module(
                name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            )
            for member in sorted(private_names(node) & library_members(getattr(module, node.name, None))):
                yield Use(name, member)


def private_names(of: ast.ClassDef) -> set[str]:
    names = {node.name for node in ast.walk(of) if isinstance(node, ast.FunctionDef)}
    names |= {node.attr for node in ast.walk(of) if isinstance(node, ast.Attribute)}
    return {name for name in names if re.match(r"_[a-z]", name)}


def library_members(of: object) -> set[str]:
    bases = inspect.getmro(of) if inspect.isclass(of) else ()
    theirs = (base for base in bases if base.__module__.partition(".")[0] not in PACKAGES)
    return {name for base in theirs for name in vars(base)}


def marked(path: Path) -> Iterator[Use]:
    """Yield the private members that ruff was told to accept, unless they are the file's own."""
    text = path.read_text()
    for line in text.splitlines():
        if "noqa: SLF001" in line or "._registry" in line:
            for member in PRIVATE.findall(line.partition("#")[0]):
                if f"self.{member}" not in text:
                    yield Use(path.relative_to(BASE_DIR).as_posix(), member)


@pytest.mark.services  # Django's backend for MySQL, which one of ours derives from, needs mysqlclient
def test_every_private_member_of_a_library_that_we_use_has_a_row() -> None:
    uses = {use for path in sources() for use in (*inherited(path), *marked(path))}
    rows = {
        (file, name) for hook in hooks() for file in hook.files for name in re.findall(r"\w+", hook.names)
    }
    assert len(uses) > 5
    assert uses - rows == set()


def test_every_file_of_the_room_for_such_hooks_has_a_row() -> None:
    room = {path.relative_to(BASE_DIR).as_posix() for path in sources() if "framework" in path.parts}
    with_code = {name for name in room if (BASE_DIR / name).read_text().strip()}
    assert with_code - {file for hook in hooks() for file in hook.files} == set()


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: NAMED.findall(hook.names + "`-`")[0])
def test_what_a_row_names_exists(hook: Hook) -> None:
    for file in hook.files:
        assert (BASE_DIR / file).is_file(), file
    assert hook.tests
    for test in hook.tests:
        file, _, name = test.partition("::")
        assert (BASE_DIR / file).exists(), test
        assert not name or f"def {name}(" in (BASE_DIR / file).read_text(), test


@pytest.mark.parametrize("heading", sorted({hook.library for hook in hooks()}))
def test_a_heading_names_the_version_that_is_installed(heading: str) -> None:
    library, _, read_in = heading.rpartition(" ")
    if read_in[0].isdigit():
        assert f"{version(library)}.".startswith(f"{read_in}.")
