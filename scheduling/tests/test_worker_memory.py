"""Workers take no more of the machine than they may."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common import process_registry
from testing.patience import eventually
from testing.processes import Processes

LINE = re.compile(r"^Max address space +(\S+) ", re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_an_io_worker_has_a_limit_of_address_space_and_a_script_worker_has_none(tmp_path: Path) -> None:
    """Its threads' stacks are not counted; what a script may take is limited in its child."""
    with Processes({"IO_MEMORY_MB": "3000"}, log=tmp_path / "log") as processes:
        workers = [
            processes.worker("threads", 2, "io,notify"),
            processes.worker("prefork", 1, "script"),
        ]
        eventually(lambda: len(process_registry.living("worker")) == 2)
        found = [LINE.findall(Path(f"/proc/{worker.pid}/limits").read_text()) for worker in workers]
    assert found == [[str((3000 + 2 * 8) << 20)], ["unlimited"]]
