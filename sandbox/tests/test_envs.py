"""Dependencies from a local index: locked, installed once, read-only, and seen by the script alone."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from uv import find_uv_bin

from sandbox.host import uv as uv_module
from sandbox.host.envs import Envs
from sandbox.host.runner import Limits, Runner, Script
from sandbox.host.uv import DepsCanceledError, DepsError, Uv
from testing.servers.wheels import Index

TINY = {
    "tiny/__init__.py": "from tiny.inner import VALUE\n",
    "tiny/inner.py": "VALUE = 42\n",
    "tiny.pth": "import os; os.environ['PTH'] = 'ran'\n",
}


@pytest.fixture
def index(tmp_path: Path) -> Index:
    index = Index(tmp_path / "index")
    index.add("tiny", "1.0", TINY, needs=["helper>=2"])
    index.add("helper", "2.0", {"helper.py": "WORD = 'helped'\n"})
    index.add("helper", "1.0", {"helper.py": "WORD = 'old'\n"})
    return index


@pytest.fixture
def envs(tmp_path: Path, index: Index) -> Envs:
    return Envs(tmp_path / "envs", Uv(find_uv_bin(), index_url=index.url))


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def runner(envs: Envs) -> Iterator[Runner]:
    with Runner(deps_dirs=[str(envs.packages)]) as runner:
        yield runner


def never() -> bool:
    return False


def lock_of(envs: Envs, *requirements: str) -> str:
    return envs.uv.lock(requirements or ("tiny",), lambda line: None, never)


def test_a_lock_names_exact_versions_of_all_that_is_needed(envs: Envs, index: Index) -> None:
    lock = lock_of(envs)
    assert "tiny==1.0" in lock
    assert "helper==2.0" in lock
    assert lock.count("--hash=sha256:") == 2
    assert index.url not in lock


def test_a_script_imports_what_was_installed(envs: Envs, runner: Runner) -> None:
    source = "import helper, os, tiny\nresult = [tiny.VALUE, helper.WORD, os.environ.get('PTH')]"
    with envs.opened(lock_of(envs), lambda line: None, never) as path:
        result = runner.run(
            Script(source, import_paths=[str(path)]), grants={}, limits=Limits(wall_seconds=60)
        )
    assert (result.error, result.result) == ("", [42, "helped", None])


def test_a_script_does_not_see_the_other_environments(envs: Envs, runner: Runner) -> None:
    with envs.opened(lock_of(envs), lambda line: None, never) as path:
        source = "import os, sys\nos.listdir(os.path.dirname(sys.path[-1]))"
        result = runner.run(
            Script(source, import_paths=[str(path)]), grants={}, limits=Limits(wall_seconds=60)
        )
    assert "PermissionError" in result.error


def test_a_script_can_not_change_its_environment(envs: Envs, runner: Runner) -> None:
    with envs.opened(lock_of(envs), lambda line: None, never) as path:
        source = "import helper\nopen(helper.__file__, 'w')"
        result = runner.run(
            Script(source, import_paths=[str(path)]), grants={}, limits=Limits(wall_seconds=60)
        )
        assert (path / "helper.py").read_text() == "WORD = 'helped'\n"
    assert result.error_code == "script_error"


def test_everything_is_compiled_and_read_only(envs: Envs) -> None:
    with envs.opened(lock_of(envs), lambda line: None, never) as path:
        assert list(path.glob("tiny/__pycache__/inner.*.pyc"))
        writable = [file for file in (path, *path.rglob("*")) if file.stat().st_mode & 0o222]
    assert writable == []


def test_a_lock_is_installed_once(envs: Envs, reported: list[str]) -> None:
    lock = lock_of(envs)
    for _ in range(3):
        with envs.opened(lock, reported.append, never):
            pass
    assert reported.count("Installing the dependencies") == 1
    assert any("Installed 2 packages" in line for line in reported)


def test_of_many_at_once_one_installs(envs: Envs, reported: list[str]) -> None:
    lock, paths = lock_of(envs), set()

    def work() -> None:
        with envs.opened(lock, reported.append, never) as path:
            paths.add(path)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 1
    assert reported.count("Installing the dependencies") == 1


def test_another_index_is_another_environment(envs: Envs, tmp_path: Path) -> None:
    lock = lock_of(envs)
    other = Envs(tmp_path / "envs", Uv(envs.uv.program, index_url=envs.uv.index_url + "/"))
    with (
        envs.opened(lock, lambda line: None, never) as one,
        other.opened(lock, lambda line: None, never) as two,
    ):
        assert one != two


def test_a_changed_wheel_is_refused(envs: Envs, index: Index) -> None:
    lock = lock_of(envs)
    index.add("helper", "2.0", {"helper.py": "WORD = 'evil'\n"})
    with pytest.raises(DepsError, match=r"(?i)hash"), envs.opened(lock, lambda line: None, never):
        pass


def test_a_lock_without_hashes_is_refused(envs: Envs) -> None:
    with pytest.raises(DepsError, match=r"(?i)hash"), envs.opened("helper==2.0\n", lambda line: None, never):
        pass


def test_a_source_distribution_is_never_built(envs: Envs, index: Index) -> None:
    folder = index.root / "sourced"
    folder.mkdir()
    (folder / "sourced-1.0.tar.gz").write_bytes(b"")
    (folder / "index.html").write_text('<a href="sourced-1.0.tar.gz">sourced-1.0.tar.gz</a>')
    with pytest.raises(DepsError, match=r"Only wheels are installed here.*No wheel that fits: sourced\."):
        lock_of(envs, "sourced")


def test_what_does_not_exist_is_said_in_uvs_words(envs: Envs) -> None:
    with pytest.raises(DepsError, match="nothing-such"):
        lock_of(envs, "nothing-such")


def test_versions_that_do_not_fit_are_said_in_uvs_words(envs: Envs) -> None:
    with pytest.raises(DepsError, match="helper"):
        lock_of(envs, "tiny", "helper<2")


def test_a_failed_installation_leaves_nothing(envs: Envs, tmp_path: Path) -> None:
    with pytest.raises(DepsError), envs.opened("helper==2.0\n", lambda line: None, never):
        pass
    envs.packages.chmod(0o700)
    assert list(envs.packages.iterdir()) == list((tmp_path / "envs" / "building").iterdir()) == []


def test_canceling_ends_uv(envs: Envs, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = tmp_path / "slow"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 600\n")
    program.chmod(0o755)
    with pytest.raises(DepsCanceledError):
        Uv(str(program)).lock(["tiny"], lambda line: None, pid.exists)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_uv_has_its_time(envs: Envs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_module, "MAX_SECONDS", 0.3)
    program = tmp_path / "slow"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    with pytest.raises(DepsError, match="longer than"):
        Uv(str(program)).lock(["tiny"], lambda line: None, never)


def test_uv_sees_nothing_of_the_workers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    program = tmp_path / "tell"
    program.write_text("#!/bin/sh\n/usr/bin/env >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(DepsError) as raised:
        Uv(str(program)).lock(["tiny"], lambda line: None, never)
    assert "hunter2" not in str(raised.value)


def test_the_longest_unused_goes_first(envs: Envs) -> None:
    old, new = lock_of(envs, "helper<2"), lock_of(envs, "helper")
    for lock, used_at in ((old, 1), (new, 2)):
        with envs.opened(lock, lambda line: None, never) as path:
            used = envs.packages.parent / "used" / path.name
        os.utime(used, (used_at, used_at))
    envs._max_bytes = int(used.read_text())
    envs.collect()
    reported: list[str] = []
    with envs.opened(new, reported.append, never):
        assert reported == []
    with envs.opened(old, reported.append, never):
        assert "Installing the dependencies" in reported


def test_what_is_in_use_is_not_removed(envs: Envs) -> None:
    with envs.opened(lock_of(envs), lambda line: None, never) as path:
        envs._max_bytes = 0
        envs.collect()
        assert stat.S_ISDIR(path.stat().st_mode)
    envs.collect()
    assert not path.exists()


def test_one_that_is_too_large_is_refused(envs: Envs) -> None:
    envs._max_bytes = 10
    with pytest.raises(DepsError, match="allowed"), envs.opened(lock_of(envs), lambda line: None, never):
        pass


def test_what_a_dead_worker_left_is_made_anew(envs: Envs, tmp_path: Path) -> None:
    lock = lock_of(envs)
    with envs.opened(lock, lambda line: None, never) as path:
        key = path.name
    envs._max_bytes = 0
    envs.collect()
    envs._max_bytes = 1 << 30
    half = tmp_path / "envs" / "building" / key
    half.mkdir()
    (half / "helper.py").write_text("WORD = 'half'\n")
    with envs.opened(lock, lambda line: None, never) as path:
        assert (path / "helper.py").read_text() == "WORD = 'helped'\n"
    assert not half.exists()


def _nested(levels: int) -> str:
    """A few hundred bytes that the compiler doubles with each level."""
    lines = ["def f():"]
    for level in range(1, levels + 1):
        lines.append("    " * level + "try: return")
        lines.append("    " * level + "finally:")
    return "\n".join([*lines, "    " * (levels + 1) + "g()"]) + "\n"


def test_a_file_whose_bytecode_would_take_gigabytes_stays_without(envs: Envs, index: Index) -> None:
    index.add("greedy", "1.0", {"greedy.py": _nested(14), "plain.py": "VALUE = 1\n"})
    with envs.opened(lock_of(envs, "greedy"), lambda line: None, never) as path:
        compiled = [file.name.partition(".")[0] for file in (path / "__pycache__").iterdir()]
    assert compiled == ["plain"]


def test_what_unpacks_to_more_than_is_allowed_is_ended_on_the_way(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uv_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(uv_module, "SIZE_LOOK_SECONDS", 0.0)
    index.add("bomb", "1.0", {f"bomb/{number}.py": "#" * (64 << 20) for number in range(8)})
    small = Envs(tmp_path / "small", Uv(find_uv_bin(), index_url=index.url), max_bytes=8 << 20)
    lock = lock_of(small, "bomb")
    with (
        pytest.raises(DepsError, match="unpack to more than 64 MiB"),
        small.opened(lock, lambda _: None, never),
    ):
        pass
    assert _left_behind(small) == []


def _left_behind(envs: Envs) -> list[Path]:
    return [*envs.packages.iterdir(), *(envs.packages.parent / "building").iterdir()]
