"""The place where this host keeps its time zones."""

from __future__ import annotations

import importlib.util
import os
import zoneinfo

from sandbox.host.errors import SandboxUnavailableError


def zones_dir() -> str:
    """Return the directory of the system's time zones, otherwise of the package tzdata: a slim image has only these.

    This is the order in which `zoneinfo` looks for them. Raises SandboxUnavailableError if there are none.
    """
    package = importlib.util.find_spec("tzdata")
    packaged = list(package.submodule_search_locations or ()) if package else []
    for directory in (*zoneinfo.TZPATH, *(os.path.join(path, "zoneinfo") for path in packaged)):
        if os.path.exists(os.path.join(directory, "Etc", "UTC")):
            return os.path.realpath(directory)
    raise SandboxUnavailableError(
        "This host has no time zone data: install tzdata, as a system package or with pip."
    )
