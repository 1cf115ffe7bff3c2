"""A script's own network, and its calls side by side: each in turn with the same without what it costs."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from bench.row import Row, percentile, summary
from bench.sandbox_alone import milliseconds
from common import outbound
from common.http import CancelSwitch
from sandbox.host.calls import later
from sandbox.host.runner import Runner, Script
from scheduling.grants.http import Http
from scheduling.worker import script_network
from testing.servers.threaded import Threaded

TINY = {"rounds": 2}
PACKAGES = sysconfig.get_path("purelib")
SECONDS = 60.0  # that a script has
PAUSE = 0.1  # seconds until the slow page answers
GET = "import requests\nresult = requests.get({url!r}).status_code\nassert result == 200\n"
AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor({count}) as pool:
    began = time.perf_counter()
    pages = list(pool.map(http_get, [{url!r}] * {count}))
    result = time.perf_counter() - began
assert all(page.status_code == 200 for page in pages)
"""


def measure(rounds: int = 100) -> list[Row]:
    with _Site(0) as site, _Site(PAUSE) as slow, Runner(deps_dirs=[PACKAGES]) as runner:
        return [_one_request(runner, site.url, rounds), _side_by_side(runner, slow.url, rounds)]


def _one_request(runner: Runner, url: str, rounds: int) -> Row:
    source = GET.format(url=url)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "script.py"
        file.write_text(source)
        jailed, plain = [], []
        for _ in range(rounds):
            jailed.append(milliseconds(lambda: _run(runner, source)))
            plain.append(milliseconds(lambda: subprocess.run([sys.executable, str(file)], check=True)))
    usual = percentile(plain, 50)
    return Row(
        "script with one requests.get, sandbox: p50",
        percentile(jailed, 50),
        "ms",
        1.3 * usual,
        yardsticks={"python3 script.py, p50": usual},
        details={"jailed_ms": summary(jailed), "plain_ms": summary(plain)},
    )


def _side_by_side(runner: Runner, url: str, rounds: int) -> Row:
    one, four = [], []
    for _ in range(rounds):
        one.append(1000 * _run(runner, AT_ONCE.format(url=url, count=1)))
        four.append(1000 * _run(runner, AT_ONCE.format(url=url, count=4)))
    usual = percentile(one, 50)
    return Row(
        "four http_get at once: p50",
        percentile(four, 50),
        "ms",
        1.2 * usual,
        yardsticks={"one http_get, p50": usual},
        details={"one_ms": summary(one), "four_ms": summary(four)},
    )


def _run(runner: Runner, source: str) -> Any:
    over = CancelSwitch()
    http = Http(lambda seconds: outbound.policy(read_seconds=seconds, total_seconds=seconds), over)
    result = runner.run(
        Script(source, import_paths=[PACKAGES]),
        grants={"http_request": later(http.http_request)},
        network=script_network.access(None, over, lambda: SECONDS),
    )
    if result.error_code:
        raise RuntimeError(result.error)
    return result.result


class _Site(Threaded):
    """A page that is there after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(_page(seconds))
        self.url = f"http://127.0.0.1:{self.port}/"


def _page(seconds: float) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    return Page
