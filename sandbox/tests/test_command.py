"""python -m sandbox"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def _sandbox(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=_ROOT,
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_script_runs_with_grants_and_params(tmp_path: Path) -> None:
    script, grants = tmp_path / "s.py", tmp_path / "g.py"
    script.write_text("print('hi')\nresult = [ai('x'), get_var('k'), get_param('p')]")
    grants.write_text("def ai(prompt, system, model):\n    return prompt + model\n")
    done = _sandbox(
        "run", str(script), "--grant", "get_var=[1]", "--grants", str(grants), "--params", '{"p": 2}'
    )
    assert (done.returncode, done.stdout) == (0, 'hi\nresult: ["xdeepseek-chat", [1], 2]\n')


def test_a_file_is_read_as_python_reads_it(tmp_path: Path) -> None:
    for content in (
        b"\xef\xbb\xbfprint('\xe6\xa0\x87')\r\n",
        "# -*- coding: gbk -*-\nprint('标')".encode("gbk"),
    ):
        script = tmp_path / "s.py"
        script.write_bytes(content)
        assert _sandbox("run", str(script)).stdout.startswith("标\n")
    assert _sandbox("run", "-", stdin="\ufeffprint('标')").stdout.startswith("标\n")


def test_json_goes_to_stdout_alone() -> None:
    done = _sandbox("--json", "run", "-", stdin="log('x')\nresult = '中'")
    assert done.stderr == "[log] x\n"
    assert json.loads(done.stdout)["result"] == "中"


def test_a_failed_script_exits_with_one() -> None:
    done = _sandbox("run", "-", stdin="1/0")
    assert done.returncode == 1
    assert "script_error: Traceback" in done.stdout


def test_wrong_usage_exits_with_two() -> None:
    assert _sandbox("run", "-", "--grant", "rm=1").returncode == 2
    assert _sandbox().returncode == 2
    done = _sandbox("level", SANDBOX_MIN_LEVEL="high")
    assert (done.returncode, "SANDBOX_MIN_LEVEL" in done.stderr) == (2, True)


def test_a_host_below_the_minimum_exits_with_three() -> None:
    done = _sandbox("--json", "run", "-", SANDBOX_MIN_LEVEL="3")
    assert done.returncode == 3
    assert json.loads(done.stdout)["error_code"] == "sandbox_unavailable"


def test_level_says_what_the_host_gives_and_why_not_more() -> None:
    done = _sandbox("level")
    assert done.returncode == 0
    assert done.stdout.startswith("L")
    assert "not higher: cgroup" in done.stdout
