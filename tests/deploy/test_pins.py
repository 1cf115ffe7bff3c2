"""requirements/*.txt: everything that is asked for is pinned once, to one version everywhere, and hashed.

That `make lock` changes nothing is this and uv's habit to keep pins that still fit: no network is asked here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from platform_site.config.data_dir import BASE_DIR

FOLDER = BASE_DIR / "requirements"
NAMES = sorted(path.stem for path in FOLDER.glob("*.in"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?: ; [^\\]+)? \\$")


def asked(name: str) -> dict[str, Requirement]:
    """What the .in file and those it includes name."""
    found: dict[str, Requirement] = {}
    for line in (FOLDER / f"{name}.in").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found |= asked(Path(text[3:]).stem)
        elif text:
            requirement = Requirement(text)
            found[canonicalize_name(requirement.name)] = requirement
    return found


def pinned(name: str) -> dict[str, set[str]]:
    """A package may have one version for each Python."""
    versions: dict[str, set[str]] = {}
    for line in (FOLDER / f"{name}.txt").read_text().splitlines():
        if line and line[0] not in " #":
            found = PIN.match(line)
            assert found, line
            versions.setdefault(canonicalize_name(found[1]), set()).add(found[2])
    return versions


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_pinned_to_a_version_that_fits(name: str) -> None:
    pins = pinned(name)
    for package, requirement in asked(name).items():
        assert package in pins
        assert all(requirement.specifier.contains(version, prereleases=True) for version in pins[package])


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_hashes_and_no_file_names_an_index(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    for block in re.split(r"\n(?=[a-z0-9])", text):
        assert not block[0].isalnum() or "--hash=sha256:" in block, block
    assert not re.search(r"--(extra-)?index-url|--find-links|https?://", text)


def test_a_package_has_the_same_version_in_every_file() -> None:
    base = pinned("base")
    for name in NAMES:
        pins = pinned(name)
        assert {package: pins[package] for package in base if package in pins} == {
            package: versions for package, versions in base.items() if package in pins
        }


def sbom(file: Path) -> bytes:
    """What `make sbom` writes."""
    shown = ["make", "--no-print-directory", "-n", "-o", "dev", "sbom", f"BIN={sys.prefix}/bin"]
    recipe = subprocess.run(shown, cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout
    command = recipe.replace("-o sbom.json", f"-o {file}")
    subprocess.run(["sh", "-ec", command], cwd=BASE_DIR, check=True, capture_output=True)
    return file.read_bytes()


def test_the_bill_of_materials_names_every_pin_and_is_the_same_each_time(tmp_path: Path) -> None:
    first = sbom(tmp_path / "one.json")
    assert first == sbom(tmp_path / "two.json")
    components = json.loads(first)["components"]
    named = {(canonicalize_name(part["name"]), part["version"]) for part in components}
    pins = {(name, version) for name, versions in pinned("production").items() for version in versions}
    assert named == pins
