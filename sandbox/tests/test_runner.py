from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from sandbox.host.runner import Limits, Runner, SandboxUnavailableError, Script
from sandbox.tests.conftest import Run
from sandbox.tests.processes import family, resident_bytes, wait_until_gone

_TRIVIAL = Script("result = get_var('n')")
_GRANTS = {"get_var": lambda **_: 42}
_SLEEPER = Script("get_var('here')\ntime.sleep(600)")
_DRAW = """
import email.generator, multiprocessing, os.path, random, secrets, sqlite3, ssl, tempfile, uuid
result = [{draws}]
"""
# One of each source of randomness in the standard library.
_DRAWS = (
    "random.random()",
    "random.Random().random()",
    "random.SystemRandom().random()",
    "uuid.uuid1().hex",
    "uuid.uuid4().hex",
    "secrets.token_hex()",
    "ssl.RAND_bytes(16).hex()",
    "os.path.basename(tempfile.mktemp())",
    "email.generator._make_boundary()",
    "bytes(multiprocessing.current_process().authkey).hex()",
    "sqlite3.connect(':memory:').execute('select hex(randomblob(16))').fetchone()[0]",
)


def _newer(before: list[int]) -> list[int]:
    return [pid for pid in family() if pid not in before]


def _kill_newer(before: list[int]) -> None:
    for pid in _newer(before):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_text_and_log_arrive_in_order_and_live(run: Run, lines: list[Any]) -> None:
    seen: list[Any] = []
    source = "print('a', end='')\nprint('b')\nlog('c')\nget_var('now')\nprint('d')"
    run(source, grants={"get_var": lambda **_: seen.extend(lines)})
    assert seen == [("stdout", "ab"), ("log", "c")]
    assert lines == [*seen, ("stdout", "d")]


def test_errors_and_warnings_are_part_of_the_output(run: Run, lines: list[Any]) -> None:
    run("import sys\nprint('to stderr', file=sys.stderr)\nprint('no end', end='')")
    assert lines == [("stdout", "to stderr"), ("stdout", "no end")]


def test_threads_may_print_and_call(run: Run, lines: list[Any]) -> None:
    source = """
import threading
def work(n):
    for i in range(20):
        print(f'{n}:{get_var(str(n))}')
for n in range(8):
    threading.Thread(target=work, args=(n,)).start()
"""
    result = run(source, grants={"get_var": lambda key, **_: key})
    assert result.error == ""
    assert sorted(text for _, text in lines) == sorted(f"{n}:{n}" for n in range(8) for _ in range(20))


@pytest.mark.parametrize(
    "source",
    [
        (
            "import asyncio\n"
            "async def f():\n"
            "    await asyncio.sleep(0)\n"
            "    return 1\n"
            "result = asyncio.run(f())"
        ),
        (
            "from concurrent.futures import ThreadPoolExecutor as T\n"
            "with T(4) as t:\n"
            "    result = sum(t.map(int, '100'))"
        ),
        "import sqlite3\nresult = sqlite3.connect(':memory:').execute('select 1').fetchone()[0]",
        "import tempfile\nwith tempfile.TemporaryFile() as f:\n    result = f.write(b'x')",
        (
            "import ssl, ctypes, decimal, lzma, bz2, zlib, xml.etree.ElementTree, http.client, email\n"
            "result = 1"
        ),
        "import importlib\nimportlib.invalidate_caches()\nimport wave, tarfile\nresult = 1",
        ("import shutil\nopen('a', 'w').close()\nshutil.copy('a', 'b')\nresult = len(open('b').read()) + 1"),
        "from zoneinfo import ZoneInfo\nresult = 1 if ZoneInfo('Europe/Paris') else 0",
        "import pickle\nclass A: pass\nresult = 1 if pickle.loads(pickle.dumps(A())) else 0",
        "import inspect\ndef f(): return 1\nresult = 1 if 'return 1' in inspect.getsource(f) else 0",
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    n: int\nresult = A(1).n",
    ],
)
def test_the_standard_library_works(run: Run, source: str) -> None:
    result = run(source)
    assert (result.error, result.result) == ("", 1)


def test_a_result_tells_what_the_script_took(run: Run) -> None:
    result = run(
        "x = bytearray(50 << 20)\nx[::4096] = b'x' * len(x[::4096])\nwhile time.process_time() < 0.2: pass"
    )
    assert result.cpu_ms >= 200
    assert result.duration_ms >= 150
    assert result.peak_memory_bytes > 50 << 20


@pytest.mark.parametrize("canceled_in", ["a sleep", "a call"])
def test_a_cancel_kills_the_script(runner: Runner, canceled_in: str) -> None:
    wanted = threading.Event()

    def grant(**_: Any) -> None:
        wanted.set()

    source = _SLEEPER if canceled_in == "a sleep" else Script("while True: get_var('x')")
    result = runner.run(source, grants={"get_var": grant}, limits=Limits(calls=10**9), canceled=wanted.is_set)
    assert (result.status, result.error_code) == ("canceled", "canceled")


def test_the_deadline_holds_while_a_grant_is_under_way(runner: Runner) -> None:
    runner.level()
    idle = family()
    gone = threading.Event()

    def grant(**_: Any) -> None:
        wait_until_gone(_newer(idle))
        gone.set()

    result = runner.run(
        Script("get_var('x')\nget_var('y')"), grants={"get_var": grant}, limits=Limits(wall_seconds=3)
    )
    assert result.error_code == "timeout"
    assert gone.is_set()


def test_a_worker_that_can_not_take_a_line_hears_its_own_error(runner: Runner) -> None:
    def on_line(stream: str, text: str) -> None:
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError, match="database is away"):
        runner.run(Script("print('x')\ntime.sleep(600)"), grants={}, on_line=on_line)
    assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42


def test_a_worker_that_can_not_ask_for_cancel_hears_its_own_error(runner: Runner) -> None:
    def canceled() -> bool:
        raise LookupError("no such run")

    with pytest.raises(LookupError, match="no such run"):
        runner.run(Script("time.sleep(600)"), grants={}, canceled=canceled)
    assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42


def test_a_zygote_killed_under_a_script_ends_it_lost_and_the_next_one_works() -> None:
    before = family()
    with Runner() as runner:
        result = runner.run(_SLEEPER, grants={"get_var": lambda **_: _kill_newer(before)})
        assert (result.status, result.error_code) == ("failed", "sandbox_lost")
        assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42


def test_a_script_killed_from_outside_is_lost_and_its_zygote_stays() -> None:
    before = family()
    with Runner() as runner:
        runner.level()
        idle = family()
        result = runner.run(_SLEEPER, grants={"get_var": lambda **_: _kill_newer(idle)})
        assert (result.error_code, "from outside" in result.error) == ("sandbox_lost", True)
        assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42
        assert family() == idle
    assert _newer(before) == []


def test_a_zygote_killed_while_idle_is_replaced_unseen() -> None:
    before = family()
    with Runner() as runner:
        runner.level()
        _kill_newer(before)
        assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42


def test_a_closed_runner_leaves_no_process(tmp_path: Path) -> None:
    before = family()
    with Runner(work_root=str(tmp_path)) as runner:
        runner.run(_TRIVIAL, grants=_GRANTS)
    assert _newer(before) == []
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_is_killed_takes_its_zygote_and_script_along() -> None:
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:

        def tell(**_: Any) -> None:
            os.write(writing, " ".join(map(str, family())).encode())

        Runner().run(_SLEEPER, grants={"get_var": tell})
        os._exit(1)
    orphans = [int(pid) for pid in os.read(reading, 4096).split()]
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    os.close(reading)
    os.close(writing)
    assert len(orphans) >= 2
    wait_until_gone(orphans)


def test_a_forked_worker_gets_a_zygote_of_its_own(runner: Runner) -> None:
    runner.level()
    child = os.fork()
    if child == 0:
        ok = False
        try:
            ok = runner.run(_TRIVIAL, grants=_GRANTS).result == 42
            runner.close()
        finally:
            os._exit(0 if ok else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42


def test_two_thousand_scripts_leave_nothing_behind() -> None:
    def held() -> tuple[int, int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count(), len(family())

    with Runner() as runner:
        for _ in range(100):
            runner.run(_TRIVIAL, grants=_GRANTS)
        before, memory = held(), resident_bytes(os.getpid())
        for _ in range(2000):
            assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42
        assert held() == before
        assert resident_bytes(os.getpid()) - memory < 4 << 20


def test_one_zygote_leaks_no_descriptor_and_no_memory() -> None:
    before = family()
    with Runner() as runner:
        runner.level()
        zygote = _newer(before)[-1]
        resource.prlimit(zygote, resource.RLIMIT_NOFILE, (128, 1024))
        for _ in range(50):
            assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42
        memory = resident_bytes(zygote)
        for _ in range(400):
            assert runner.run(_TRIVIAL, grants=_GRANTS).result == 42
        assert _newer(before)[-1] == zygote
        assert resident_bytes(zygote) - memory < 1 << 20


def test_a_zygote_is_replaced_after_five_hundred_scripts_and_reaped() -> None:
    before = family()
    with Runner() as runner:
        runner.level()
        first = _newer(before)
        for _ in range(500):
            runner.run(_TRIVIAL, grants=_GRANTS)
        assert not [pid for pid in first if Path(f"/proc/{pid}").exists()]


def test_an_interpreter_that_is_not_there_makes_the_sandbox_unavailable() -> None:
    with pytest.raises(SandboxUnavailableError, match="can't start"):
        Runner(python="/nowhere/python").run(_TRIVIAL, grants=_GRANTS)


def test_dependencies_can_be_read_and_imported_but_not_changed(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)
    (tmp_path / "depended.py").write_text("answer = 42")
    with Runner(deps_dirs=[str(tmp_path)]) as runner:
        write = Script("import depended\nopen(depended.__file__, 'a')", import_paths=[str(tmp_path)])
        error = runner.run(write, grants={}).error
        assert "Read-only" in error or "Permission" in error
        imported = Script("import depended\nresult = depended.answer", import_paths=[str(tmp_path)])
        assert runner.run(imported, grants={}).result == 42


def test_a_traceback_shows_where_in_the_package_but_not_where_on_the_host(tmp_path: Path) -> None:
    environment = tmp_path / "data" / "packages" / "key"
    (environment / "depended").mkdir(parents=True)
    (environment / "depended" / "inner.py").write_text("def fail():\n    raise ValueError(__file__)\n")
    source = (
        "import traceback\nfrom depended import inner\n"
        "try:\n    inner.fail()\nexcept ValueError:\n    traceback.print_exc()\ninner.fail()"
    )
    lines: list[str] = []
    with Runner(deps_dirs=[str(environment.parent)]) as runner:
        script = Script(source, import_paths=[str(environment)])
        error = runner.run(script, grants={}, on_line=lambda _, text: lines.append(text)).error
    assert '  File "depended/inner.py", line 2, in fail' in lines
    assert error.endswith("ValueError: depended/inner.py")
    assert str(tmp_path) not in "".join(lines) + error


def test_scripts_of_one_zygote_share_no_random_numbers() -> None:
    draw = Script(_DRAW.format(draws=", ".join(_DRAWS)))
    with Runner() as runner:
        drawn = [runner.run(draw, grants={}) for _ in range(3)]
    assert [one.error for one in drawn] == ["", "", ""]
    by_draw = zip(_DRAWS, *(one.result for one in drawn), strict=True)
    assert [draw for draw, *numbers in by_draw if len(set(numbers)) < 3] == []


@pytest.mark.parametrize("field", ["wall_seconds", "cpu_seconds", "memory_mb", "calls"])
def test_a_limit_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Limits(**{field: 0})
