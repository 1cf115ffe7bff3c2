"""Debian's Prometheus with the rules of deploy/prometheus, as operators run it, but with shorter durations."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import yaml

from platform_site.config.data_dir import BASE_DIR
from testing.patience import eventually

FILES = BASE_DIR / "deploy/prometheus"
# A scrape gets as long as a frozen Redis holds it up. With the others, alerts still outlast what they have to.
SCRAPE, WINDOW, PENDING = "5s", "30s", "15s"


class Prometheus:
    """Use it in a with block: it scrapes the web at `web_port` and evaluates the rules with shorter durations."""

    def __init__(self, port: int, folder: Path, web_port: int, token: str) -> None:
        self.port, self.folder = port, folder
        self._open = build_opener(ProxyHandler({})).open
        (folder / "token").write_text(token)
        (job,) = yaml.safe_load((FILES / "scrape.yml").read_text())
        job["authorization"]["credentials_file"] = str(folder / "token")
        job["static_configs"] = [{"targets": [f"127.0.0.1:{web_port}"]}]
        every = {"scrape_interval": SCRAPE, "scrape_timeout": SCRAPE, "evaluation_interval": "1s"}
        config = {"global": every, "rule_files": ["alerts.yml"], "scrape_configs": [job]}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (folder / "alerts.yml").write_text(in_a_hurry((FILES / "alerts.yml").read_text()))

    def __enter__(self) -> Prometheus:
        options = {
            "config.file": self.folder / "prometheus.yml",
            "storage.tsdb.path": self.folder / "data",
            "web.listen-address": f"127.0.0.1:{self.port}",
        }
        with (self.folder / "log").open("ab") as log:
            command = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        eventually(self._is_up)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def _is_up(self) -> bool:
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            with self._open(f"http://127.0.0.1:{self.port}/-/ready") as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples as of now. Raises HTTPError if the expression cannot be parsed."""
        return self._ask("query", query=expression)

    def fired(self, since: float) -> set[str]:
        """Return all alerts that have fired since the Unix time `since`, as `named` names them."""
        firing = 'ALERTS{alertstate="firing"}'
        series = self._ask("query_range", query=firing, start=since, end=time.time(), step=1)
        return {named(one["metric"]) for one in series}

    def firing(self) -> set[str]:
        return {named(one["metric"]) for one in self.query('ALERTS{alertstate="firing"}')}

    def _ask(self, what: str, **parameters: Any) -> list[dict[str, Any]]:
        with self._open(f"http://127.0.0.1:{self.port}/api/v1/{what}?{urlencode(parameters)}") as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found


def in_a_hurry(rules: str) -> str:
    """Replace the durations in the rules by shorter ones and change nothing else."""
    return re.sub(r"for: \d+m", f"for: {PENDING}", re.sub(r"\[\d+m\]", f"[{WINDOW}]", rules))


def named(labels: dict[str, str]) -> str:
    """Return the name of the alert and what it is about: part, queue, kind or channel."""
    about = [labels[name] for name in ("part", "queue", "kind", "channel") if name in labels]
    return " ".join([labels["alertname"], *about])
