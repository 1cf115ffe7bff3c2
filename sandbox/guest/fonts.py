"""Makes matplotlib write Chinese: its own fonts have none, and it looks for no other by itself."""

from __future__ import annotations

import os
from collections.abc import Sequence

DIRECTORY = "/usr/share/fonts"
# The files of the usual packages, and the families that matplotlib reads from them; the first one found is taken.
_FAMILIES = {
    "NotoSansCJK-Regular.ttc": "Noto Sans CJK JP",
    "NotoSansSC-Regular.otf": "Noto Sans SC",
    "SourceHanSansSC-Regular.otf": "Source Han Sans SC",
    "wqy-microhei.ttc": "WenQuanYi Micro Hei",
    "wqy-zenhei.ttc": "WenQuanYi Zen Hei",
    "DroidSansFallbackFull.ttf": "Droid Sans Fallback",
}


def configuration_in(work_dir: str) -> str:
    """Return the directory where matplotlib looks for its configuration and keeps its list of fonts."""
    return os.path.join(work_dir, ".matplotlib")


def configure(work_dir: str, packages: Sequence[str], fonts: str = DIRECTORY) -> None:
    """Write matplotlib's configuration, if it is among the packages and this host has a font with Chinese."""
    if not any(os.path.isdir(os.path.join(path, "matplotlib")) for path in packages):
        return
    family = _family_with_chinese(fonts)
    if family is None:
        return
    directory = configuration_in(work_dir)
    os.makedirs(directory)
    with open(os.path.join(directory, "matplotlibrc"), "w") as file:
        # What the first family lacks is taken from the second.
        file.write(f"font.family: DejaVu Sans, {family}\nfont.sans-serif: {family}, DejaVu Sans\n")


def _family_with_chinese(fonts: str) -> str | None:
    found = {name for _, _, names in os.walk(fonts) for name in names}
    return next((family for name, family in _FAMILIES.items() if name in found), None)
