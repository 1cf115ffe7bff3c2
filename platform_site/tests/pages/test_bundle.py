"""The committed bundle is what frontend/ makes: told without Node, by what `make frontend` has noted."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from platform_site.pages.frontend_texts import TEXTS

ROOT = Path(__file__).resolve().parents[3]
FRONTEND, BUNDLE = ROOT / "frontend", ROOT / "platform_site" / "static" / "platform" / "bundle"
BUILT = json.loads((FRONTEND / "built.json").read_text())
SETTINGS = {"build.mjs", "package.json", "package-lock.json", "tsconfig.json"}
SAID = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def hashes(paths: set[Path]) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_the_bundle_was_built_from_these_sources() -> None:
    ours = files(FRONTEND / "src") | {FRONTEND / name for name in SETTINGS}
    foreign = {ROOT / name for name in BUILT["sources"] if not name.startswith("frontend/")}
    assert hashes(ours | foreign) == BUILT["sources"], "run `make frontend`"


def test_nobody_has_edited_the_bundle_by_hand() -> None:
    assert hashes(files(BUNDLE)) == BUILT["bundle"], "run `make frontend`"


def test_every_package_is_pinned_exactly_and_no_registry_is_named() -> None:
    package = json.loads((FRONTEND / "package.json").read_text())
    pins = package["devDependencies"].values()
    assert [pin for pin in pins if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []
    assert "resolved" not in (FRONTEND / "package-lock.json").read_text()


def test_what_is_in_the_bundle_is_named_with_its_licence() -> None:
    text = (BUNDLE / "licenses.txt").read_text()
    named = dict(re.findall(r"^(\S+) [\d.]+ \((.+)\)$", text, re.MULTILINE))
    assert {"codemirror", "@codemirror/view", "@lezer/python", "uplot"} <= named.keys()
    assert set(named.values()) == {"MIT"}
    assert text.count("Permission is hereby granted") == len(named)


def test_the_texts_of_the_bundle_are_those_that_are_translated() -> None:
    sources = "".join(path.read_text() for path in (FRONTEND / "src").rglob("*.ts"))
    used = {json.loads(text) if text[0] == '"' else text[1:-1] for text in SAID.findall(sources)}
    assert set(TEXTS) == used
    assert len(TEXTS) == len(used)
