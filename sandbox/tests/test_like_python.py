"""Scripts end and print in the jail as they do under `python3 script.py`."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from sandbox.host.zygote import default_python
from sandbox.tests.conftest import Run

SNIPPETS = {
    "exit": "print(1)\nexit()\nprint(2)",
    "quit": "quit(0)",
    "exit with text": "exit('why')",
    "sys.exit with a code": "import sys\nsys.exit(3)",
    "sys.exit with a code that the shell takes for 0": "import sys\nsys.exit(256)",
    "an exception": "1 / 0",
    "an exception of its own": "class Own(Exception):\n    pass\nraise Own('a', 1)",
    "a byte order mark": "\ufeffprint('标题')",
    "line ends of Windows": "a = '''x\r\ny'''\r\nprint(repr(a))\r\n",
    "a form feed": "print(1)\n\x0c\nraise ValueError('line 3')",
    "bytes": "import sys\nsys.stdout.buffer.write('字节\\n'.encode())",
    "reconfigure": (
        "import sys\nsys.stdout.reconfigure(encoding='utf-8', errors='replace')\nprint('\\udc80标')"
    ),
    "a wrapper": (
        "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nprint('标')"
    ),
    "detach": (
        "import codecs, sys\nsys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())\nprint('标')"
    ),
    "write says how much": (
        "import sys\nprint(sys.stdout.write('标题\\n'), sys.stdout.flush(), sys.stdout.buffer.write(b'a\\n'))"
    ),
    "what a stream says of itself": (
        "import sys\n"
        "for s in (sys.stdout, sys.stderr):\n"
        "    print(s.name, s.mode, s.encoding, s.isatty(), s.writable(), s.readable(), s.closed, s.buffer.name)"
    ),
    "a closed stream": "import sys\nf = sys.stdout\nsys.stdout.close()\nf.write('x')",
    "redirected": (
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()) as f:\n"
        "    print(1)\n"
        "print(f.getvalue())"
    ),
    "no input": ("import sys\nprint(repr(sys.stdin.read()), sys.stdin.readline() == '', list(sys.stdin))"),
    "input": "input('name? ')",
    "its own file": (
        "from pathlib import Path\nprint(Path(__file__).read_text().splitlines()[0], Path(__file__).name)"
    ),
    "where it is": (
        "import os, sys\n"
        "print(os.getcwd() == os.path.dirname(os.path.abspath(__file__)) == sys.path[0], sys.argv)"
    ),
    "a module beside it": "open('helper.py', 'w').write('A = 7')\nimport helper\nprint(helper.A)",
    "atexit": "import atexit\natexit.register(print, 'bye')\nprint('hi')",
    "atexit after an exception": "import atexit\natexit.register(print, 'bye')\n1 / 0",
    "atexit after exit": "import atexit\natexit.register(print, 'bye')\nexit(2)",
    "atexit after the threads": "import atexit, threading, time\natexit.register(print, 'bye')\n"
    "threading.Thread(target=lambda: (time.sleep(0.1), print('thread'))).start()",
    "a pool that nobody shut down": (
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor(2).submit(print, 'x')"
    ),
    "a hook for exceptions": (
        "import sys\nsys.excepthook = lambda kind, error, where: print('hook', kind.__name__)\n{}['a']"
    ),
    "a pool of threads": (
        "from multiprocessing.pool import ThreadPool\n"
        "with ThreadPool(3) as p:\n"
        "    print(p.map(abs, [-1, -2]))"
    ),
    "dummy": "from multiprocessing.dummy import Pool\nprint(Pool(2).map(abs, [-1]))",
    "locks": (
        "import multiprocessing as m\n"
        "for lock in (m.Lock(), m.RLock(), m.Semaphore(2)):\n"
        "    with lock:\n"
        "        print(lock.acquire(timeout=0.01))"
    ),
    "a lock released too often": "import multiprocessing\nmultiprocessing.Lock().release()",
    "an event, a queue": (
        "import multiprocessing as m\n"
        "e, q = m.Event(), m.SimpleQueue()\n"
        "e.set()\n"
        "q.put(5)\n"
        "print(e.wait(1), q.get())"
    ),
    "a database": (
        "import sqlite3\n"
        "c = sqlite3.connect('a.db')\n"
        "c.execute('pragma journal_mode=wal')\n"
        "c.execute('create table t(a)')\n"
        "c.execute('insert into t values (1)')\n"
        "c.commit()\n"
        "print(sqlite3.connect('a.db').execute('select * from t').fetchall())"
    ),
    "locked files": (
        "import fcntl\n"
        "f = open('l', 'w')\n"
        "fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "fcntl.lockf(f, fcntl.LOCK_EX)\n"
        "print('ok')"
    ),
    "a locale": (
        "import locale\n"
        "locale.setlocale(locale.LC_ALL, '')\n"
        "print(locale.format_string('%d', 1000, grouping=True))"
    ),
    "a temporary file": (
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    print(f.write('x'))"
    ),
    "a Chinese file": "open('标题.txt', 'w').write('内容')\nprint(open('标题.txt').read())",
}


@pytest.mark.parametrize("source", SNIPPETS.values(), ids=SNIPPETS)
def test_a_script_ends_and_prints_as_under_python(
    run: Run, lines: list[tuple[str, str]], tmp_path: Path, source: str
) -> None:
    done = _under_python(source, tmp_path)
    result = run(source)
    assert "\n".join(text for _, text in lines).rstrip("\n") == done.stdout.decode().rstrip("\n")
    assert (result.status == "success") == (done.returncode == 0), result.error
    words = done.stderr.decode().rstrip().rpartition("\n")[2]
    assert result.error.endswith(words)


def _under_python(source: str, directory: Path) -> subprocess.CompletedProcess[bytes]:
    script = directory / "script.py"
    script.write_bytes(source.encode())
    return subprocess.run(
        [default_python(), "-B", script.name],
        cwd=directory,
        env={"LANG": "C.UTF-8", "TMPDIR": str(directory)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


_STARTERS = {
    "subprocess.run": "import subprocess\nsubprocess.run(['curl'])",
    "Popen": "import subprocess\nsubprocess.Popen('ls', shell=True)",
    "getoutput": "import subprocess\nsubprocess.getoutput('ls')",
    "os.system": "import os\nos.system('ls')",
    "os.popen": "import os\nos.popen('ls')",
    "os.fork": "import os\nos.fork()",
    "os.execl": "import os\nos.execl('/bin/ls', 'ls')",
    "os.execvp": "import os\nos.execvp('ls', ['ls'])",
    "os.spawnlp": "import os\nos.spawnlp(os.P_WAIT, 'ls', 'ls')",
    "os.posix_spawn": "import os\nos.posix_spawn('/bin/ls', ['ls'], {})",
    "Process": "import multiprocessing\nmultiprocessing.Process(target=print).start()",
    "spawned Process": (
        "import multiprocessing\nmultiprocessing.get_context('spawn').Process(target=print).start()"
    ),
    "Pool": "import multiprocessing\nmultiprocessing.Pool(2)",
    "ProcessPoolExecutor": (
        "from concurrent.futures import ProcessPoolExecutor\nProcessPoolExecutor(2).submit(abs, 1)"
    ),
    "asyncio": "import asyncio\nasyncio.run(asyncio.create_subprocess_exec('ls'))",
}


@pytest.mark.parametrize("source", _STARTERS.values(), ids=_STARTERS)
def test_a_further_process_is_refused_in_words(run: Run, source: str) -> None:
    result = run(source)
    assert result.error_code == "script_error"
    assert "PermissionError: [Errno 1]" in result.error
    assert "can't start another. Use threads in place of processes" in result.error


def test_what_has_no_descriptor_says_so(run: Run) -> None:
    assert "use print() or sys.stdout.buffer.write()" in run("import sys\nsys.stdout.fileno()").error
    assert "Bad file descriptor" in run("import os\nos.write(1, b'lost')").error


def test_the_scripts_file_can_not_be_written(run: Run) -> None:
    assert "PermissionError" in run("open(__file__, 'a')").error


def test_tmp_is_the_work_dirs(run: Run) -> None:
    source = "import os\nopen('/tmp/a', 'w').close()\nresult = sorted(os.listdir('.'))"
    assert run(source).result == ["a", "script.py"]


def test_a_file_is_written_in_the_encoding_that_it_declares(run: Run) -> None:
    source = (
        "# -*- coding: gbk -*-\nword = '标题'\nresult = '标题'.encode('gbk') in open(__file__, 'rb').read()"
    )
    assert run(source).result is True
    assert run(source + "\n# \U0001f600").result is False  # which GBK can't express


def test_both_streams_arrive_in_the_order_of_their_lines(run: Run, lines: list[tuple[str, str]]) -> None:
    run("import sys\nfor n in range(6):\n    print(n, file=(sys.stdout, sys.stderr)[n % 2])")
    assert [text for _, text in lines] == list("012345")


def test_bytes_that_are_not_utf_8_are_shown_as_codes(run: Run, lines: list[tuple[str, str]]) -> None:
    run("import sys\nsys.stdout.buffer.write(b'a\\xffb\\n')\nprint('\\ud800')")
    assert lines == [("stdout", "a\\xffb"), ("stdout", "\\ud800")]


def test_a_character_may_come_in_two_pieces(run: Run, lines: list[tuple[str, str]]) -> None:
    run(
        "import sys\n"
        "for byte in '标'.encode():\n"
        "    sys.stdout.buffer.write(bytes([byte]))\n"
        "    sys.stdout.buffer.flush()"
    )
    assert lines == [("stdout", "标")]


def test_a_handler_may_print_while_the_script_prints(run: Run, lines: list[tuple[str, str]]) -> None:
    result = run(
        "import signal\nrung = 0\ndef ring(*_):\n    global rung\n    rung += 1\n    print('ring')\n"
        "signal.signal(signal.SIGALRM, ring)\nsignal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        "for n in range(2000):\n    print('x' * 50)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)\nresult = rung"
    )
    assert result.error == ""
    assert sum(text.count("ring") for _, text in lines) == result.result > 0
    assert sum(text.count("x") for _, text in lines) == 100_000


def test_locks_hold_up_nobody_else(run: Run) -> None:
    """They are pretended: what every script can read, none may lock."""

    def lock(**_: object) -> str:
        with open(os.__file__, "rb+") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return "free"

    source = (
        "import fcntl, os\n"
        "f = open(os.__file__)\n"
        "fcntl.lockf(f, fcntl.LOCK_SH)\n"
        "fcntl.flock(f, fcntl.LOCK_SH)\n"
        "result = get_var('x')"
    )
    assert run(source, grants={"get_var": lock}).result == "free"
