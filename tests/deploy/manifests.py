"""deploy/kubernetes as files: what is in them, and what the overlays' patches make of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from platform_site.config.data_dir import BASE_DIR

ROOT = BASE_DIR / "deploy" / "kubernetes"
Manifest = dict[str, Any]


def kustomizations() -> list[Path]:
    return sorted(path.parent for path in ROOT.rglob("kustomization.yaml"))


def kustomization(folder: Path) -> Manifest:
    read: Manifest = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return read


def resources(folder: Path) -> Iterator[Manifest]:
    """Of a kustomization, those of the folders it names too."""
    for name in kustomization(folder).get("resources", []):
        path = (folder / name).resolve()
        yield from resources(path) if path.is_dir() else yaml.safe_load_all(path.read_text())


def everything() -> list[Manifest]:
    """Each file's manifests once."""
    files = (path for path in sorted(ROOT.rglob("*.yaml")) if path.name != "kustomization.yaml")
    return [manifest for path in files for manifest in yaml.safe_load_all(path.read_text())]


def of_kind(*kinds: str) -> list[Manifest]:
    return [manifest for manifest in everything() if manifest["kind"] in kinds]


def pods() -> dict[str, Manifest]:
    """By the name of their Deployment or Job."""
    owners = of_kind("Deployment", "Job")
    return {owner["metadata"]["name"]: owner["spec"]["template"]["spec"] for owner in owners}


def patched(folder: Path, onto: list[Manifest]) -> list[Manifest]:
    """What the kustomization's JSON patches make of `onto`; raises LookupError where one meets nothing."""
    result = []
    for patch in kustomization(folder).get("patches", []):
        target = patch["target"]
        (found,) = [m for m in onto if (m["kind"], m["metadata"]["name"]) == (target["kind"], target["name"])]
        result.append(_apply(found, yaml.safe_load(patch["patch"])))
    return result


def _apply(manifest: Manifest, operations: list[dict[str, Any]]) -> Manifest:
    changed = copy.deepcopy(manifest)
    for operation in operations:
        *way, last = operation["path"].strip("/").split("/")
        node = changed
        for step in way:
            node = node[step]
        if operation["op"] != "add":
            node[last]  # a KeyError where there is nothing to replace or remove
        if operation["op"] == "remove":
            del node[last]
        else:
            node[last] = operation["value"]
    return changed
