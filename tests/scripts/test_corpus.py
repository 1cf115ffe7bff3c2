"""Each script says the same under python3 and in the jail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.host.runner import Runner
from testing.servers.site import Site
from tests.scripts.jailed import run_jailed
from tests.scripts.plain import run_plainly
from tests.scripts.world import CORPUS, PACKAGES, SITE, ZONE, Seen, shown

# The scripts that end themselves as failed, which is what they are here for.
FAILING = {"no_account_exit"}
SCRIPTS = sorted(CORPUS.glob("*.py"))


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(deps_dirs=[PACKAGES]) as runner:
        yield runner


def in_both(source: str, runner: Runner, folder: Path) -> tuple[Seen, Seen]:
    """Run a script under python3 and in the jail, each with a website that nobody has visited yet."""
    with Site() as site:
        plain = run_plainly(source.replace(SITE, site.url), folder, site.url)
    with Site() as site:
        jailed = run_jailed(runner, source.replace(SITE, site.url), site.url)
    return plain, jailed


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_does_here_what_it_does_under_python3(path: Path, runner: Runner, tmp_path: Path) -> None:
    plain, jailed = in_both(path.read_text(), runner, tmp_path)
    assert plain.lines
    assert (plain.error is not None) == (path.stem[3:] in FAILING), plain
    assert jailed.lines == plain.lines, jailed.error
    assert (jailed.error is None) == (plain.error is None)
    assert (plain.error or "") in (jailed.error or "")


def test_a_difference_is_seen(runner: Runner, tmp_path: Path) -> None:
    plain, jailed = in_both("import os\nprint(os.path.exists('/etc/passwd'))", runner, tmp_path)
    assert (plain.lines, jailed.lines) == (["True"], ["False"])


def test_lines_that_differ_between_any_two_runs_are_made_alike() -> None:
    now = datetime.now(ZoneInfo(ZONE))
    text = f"""{now:%Y-%m-%d %H:%M:%S,123} INFO
{now - timedelta(hours=8):%Y/%m/%d %H:%M:%S} in another zone
{now:%Y年%m月%d日}, 2027-03-01
took 0.25 s, costs 0.25
  0%|    | 0/2 [00:00<?, ?it/s]\r100%|####| 2/2 [00:00<00:00, 99.1it/s]
http://127.0.0.1:4711/user
"""
    assert shown(text, "http://127.0.0.1:4711") == [
        "<now> INFO",
        f"{now - timedelta(hours=8):%Y/%m/%d %H:%M:%S} in another zone",
        "<now>, 2027-03-01",
        "took <duration>s, costs 0.25",
        "100%<bar> 2/2",
        f"{SITE}/user",
    ]


def test_all_scripts_are_found() -> None:
    assert len(SCRIPTS) == 66
