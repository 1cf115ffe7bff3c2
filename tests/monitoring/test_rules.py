"""What promtool says of the rules, and what it finds when it plays hours of metrics to them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from platform_site.config.data_dir import BASE_DIR
from testing.servers.prometheus import in_a_hurry

pytestmark = pytest.mark.services
RULES = BASE_DIR / "deploy/prometheus/alerts.yml"
PLAYED = Path(__file__).with_name("alerts.test.yml")


def promtool(*arguments: object) -> str:
    done = subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, check=False, cwd=BASE_DIR
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    assert "SUCCESS" in promtool("check", "rules", RULES)
    shorter = tmp_path / "alerts.yml"
    shorter.write_text(in_a_hurry(RULES.read_text()))
    assert "SUCCESS" in promtool("check", "rules", shorter)


def test_promtool_takes_the_scrape_job(tmp_path: Path) -> None:
    jobs = yaml.safe_load((RULES.parent / "scrape.yml").read_text())
    config = {"rule_files": [str(RULES)], "scrape_configs": jobs}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    promtool("check", "config", "--syntax-only", tmp_path / "prometheus.yml")


def test_each_alert_fires_when_it_should_and_is_silent_else() -> None:
    promtool("test", "rules", PLAYED)


def test_each_alert_has_been_played() -> None:
    alerts = {
        rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
    }
    assert alerts == set(re.findall(r'alertname(?:="|: )(\w+)', PLAYED.read_text()))
