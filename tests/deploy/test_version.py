"""The version in pyproject.toml is the one that images are tagged with and that the changelog describes."""

from __future__ import annotations

import re
import tomllib

import pytest

from platform_site.config.data_dir import BASE_DIR

VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
IMAGE = re.compile(r"task-platform:(\d[\w.]*)|newTag: (\S+?)\}")
NAMED_IN = [
    *("Dockerfile", "docker-compose.yml", ".env.example"),
    *(f"deploy/kubernetes/overlays/{overlay}/kustomization.yaml" for overlay in ("dev", "prod")),
]


@pytest.mark.parametrize("name", NAMED_IN)
def test_a_file_that_names_our_image_names_this_version(name: str) -> None:
    tags = IMAGE.findall((BASE_DIR / name).read_text())
    assert {"".join(tag) for tag in tags} == {VERSION}


def test_the_changelog_has_a_dated_section_of_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(VERSION)} – \d{{4}}-\d\d-\d\d", headings[1])
