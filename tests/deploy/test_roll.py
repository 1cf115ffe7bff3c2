"""deploy/roll, with a `docker` that does as Compose does, and remembers how many served meanwhile.

With a real one: tests/deploy/journeys/test_rolling.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

DOCKER = """
import json, pathlib, sys

file = pathlib.Path(__file__).with_name("state.json")
state = json.loads(file.read_text())
match sys.argv[1:]:
    case ["compose", "ps", "--quiet", role]:
        print(*state["up"], sep="\\n")
    case ["compose", "up", "--no-deps", "--no-recreate", "--wait", "--scale", scale, role]:
        assert not state["stopped"]
        while len(state["up"]) < int(scale.removeprefix(role + "=")):
            state["made"] += 1
            state["up"].append(f"new-{state['made']}")
    case ["stop", *ids]:
        state["up"] = [one for one in state["up"] if one not in ids]
        state["stopped"] = ids
    case ["rm", *ids]:
        assert ids == state["stopped"]
        state["stopped"] = []
state["counts"].append(len(state["up"]))
file.write_text(json.dumps(state))
"""


@pytest.mark.parametrize(
    ("before", "counts"),
    [(0, [0]), (1, [1, 2, 1, 1]), (3, [3, 5, 3, 3, 4, 3, 3]), (4, [4, 6, 4, 4, 6, 4, 4])],
)
def test_all_are_replaced_and_never_fewer_serve(tmp_path: Path, before: int, counts: list[int]) -> None:
    docker, file = tmp_path / "docker", tmp_path / "state.json"
    docker.write_text(f"#!{sys.executable}\n{DOCKER}")
    docker.chmod(0o700)
    old = [f"old-{n}" for n in range(before)]
    file.write_text(json.dumps({"up": old, "stopped": [], "made": 0, "counts": []}))
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([BASE_DIR / "deploy" / "roll", "worker-script"], env=path, check=True)
    state = json.loads(file.read_text())
    assert state["up"] == [f"new-{n + 1}" for n in range(before)]
    assert state["counts"] == counts
