"""schemathesis against the running platform, stateful too: every check, endpoint and method, as three callers.

The one setting that differs from its own is in schemathesis.toml, with its reason.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR
from testing.platform import Platform

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(3600)]
EXAMPLES = 5  # an endpoint in the fuzzing and stateful phases, beside the thousands of the coverage phase


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    # It tries more wrong tokens than an address may: each is to be answered by what it is.
    with Platform(tmp_path / "data", WRONG_TOKENS_PER_MINUTE="1000000") as running:
        yield running


def token_of(platform: Platform, caller: str) -> str:
    if caller == "superuser":
        return platform.token
    platform.call(
        "POST", "/api/users", {"username": caller, "password": "correct horse battery"}, expected=201
    )
    platform.call("POST", "/api/tenants/default/members", {"username": caller, "role": caller}, expected=201)
    return str(
        platform.call("POST", "/api/tokens", {"name": "fuzz", "username": caller}, expected=201)["token"]
    )


@pytest.mark.parametrize("caller", ["superuser", "operator", "viewer"])
def test_nothing_is_found(platform: Platform, caller: str, tmp_path: Path) -> None:
    schema, token = f"{platform.base}/api/openapi.json", token_of(platform, caller)
    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(BASE_DIR / "schemathesis.toml"), "run", schema),
            *("--header", f"Authorization: Bearer {token}"),
            *("--checks", "all", "--seed", "1", "--max-examples", str(EXAMPLES), "--continue-on-failure"),
        ],
        cwd=tmp_path,  # it leaves a folder of its own behind
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-20_000:]
