"""The dashboard and the alerts ask for metrics and labels that /metrics has; tests/monitoring asks Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from common import process_registry
from notifications.models import Delivery
from platform_site.config.data_dir import BASE_DIR
from scheduling.tests import make

ALERTS = yaml.safe_load((BASE_DIR / "deploy/prometheus/alerts.yml").read_text())["groups"]
DASHBOARD = json.loads((BASE_DIR / "deploy/grafana/dashboard.json").read_text())
RULES = [rule for group in ALERTS for rule in group["rules"]]
PANELS = [(panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel["targets"]]


def expressions() -> list[tuple[str, str]]:
    rules = [(rule["alert"], rule["expr"]) for rule in RULES]
    return rules + [(title, expr.replace("$__rate_interval", "5m")) for title, expr in PANELS]


def selectors(node: Any) -> Iterator[promql_parser.VectorSelector]:
    """Every metric that an expression reads."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    elif isinstance(node, promql_parser.MatrixSelector):
        yield node.vector_selector
    else:
        for name in ("lhs", "rhs", "expr", "param"):
            yield from selectors(getattr(node, name)) if getattr(node, name, None) is not None else ()
        for argument in getattr(node, "args", None) or []:
            yield from selectors(argument)


@pytest.fixture
def exported(db: None, settings: Settings) -> dict[str, set[str]]:
    """Each metric of a platform at work, and the labels it has."""
    settings.METRICS_TOKEN = "t"
    now = timezone.now()
    make.run(make.task(now), now)
    Delivery.objects.create(msg_uuid="u", robot="r", kind="result", next_attempt_at=now)
    process_registry.announce(process_registry.ProcessEntry("beat", "b", [], 0))
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["script"], 2, sandbox_level=1))
    answer = Client().get("/metrics", headers={"authorization": "Bearer t"})
    families = text_string_to_metric_families(answer.content.decode())
    return {sample.name: set(sample.labels) for family in families for sample in family.samples}


def test_every_expression_reads_metrics_and_labels_that_are_there(exported: dict[str, set[str]]) -> None:
    read = set()
    for title, expression in expressions():
        for selector in selectors(promql_parser.parse(expression)):
            assert selector.name in exported, title
            labels = {matcher.name for matcher in selector.matchers.matchers}
            assert labels <= exported[selector.name], title
            read.add(re.sub(r"_(bucket|sum|count)$", "", selector.name))
    assert {name for name in exported if name.startswith("platform_run")} <= {
        f"{name}{part}" for name in read for part in ("", "_bucket", "_sum", "_count")
    }


def test_what_is_grouped_by_is_a_label(exported: dict[str, set[str]]) -> None:
    known = set().union(*exported.values())
    for title, expression in expressions():
        for labels in re.findall(r"\b(?:by|on)\s*\(([^)]+)\)", expression):
            assert {label.strip() for label in labels.split(",")} <= known, title


def test_an_alert_says_what_is_wrong_by_labels_that_its_expression_keeps() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert set(rule["annotations"]) == {"summary", "description"}
        for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
            assert label in rule["expr"], rule["alert"]


def test_every_alert_has_its_place_in_the_runbook() -> None:
    for name in ("runbook.md", "runbook.zh-CN.md"):
        text = (BASE_DIR / "docs" / name).read_text()
        assert [rule["alert"] for rule in RULES if f"`{rule['alert']}`" not in text] == []


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
