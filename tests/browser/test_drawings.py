"""What the bundle draws from a JSON script tag: a Dify run's nodes, two versions side by side."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from playwright.sync_api import Page, expect

from scheduling.executors.dify.timeline import Span, Timeline, as_json
from tests.browser.conftest import Open

HEAD = """<!doctype html><html lang="en"><link rel="stylesheet" href="/static/platform/admin.css">
<link rel="stylesheet" href="/static/platform/bundle/bundle.css">
<script src="/static/platform/bundle/bundle.js" defer></script><body>"""


def drawn(open_page: Open, attribute: str, value: Any) -> Page:
    """A page with nothing else on it."""
    page = open_page("/admin/login/", who="")
    script = f'<script type="application/json" {attribute}>{json.dumps(value)}</script>'
    page.route(
        "**/drawing", lambda route: route.fulfill(body=HEAD + script, content_type="text/html; charset=utf-8")
    )
    page.goto("/drawing")
    return page


def test_the_nodes_of_a_dify_run_are_bars_with_their_times(open_page: Open) -> None:
    spans = [
        Span("start", "start", "Start", 0.0, 1.0, "succeeded"),
        Span("llm", "llm", "Summarise", 1.0, 4.0, "succeeded", tokens=120, inside="loop", step=1),
        Span("http", "http-request", "Send", 4.0, 4.5, "failed", error="no route", retries=2),
        Span("wait", "llm", "Wait", 2.0),
    ]
    timeline = Timeline({span.node_id: span for span in spans}, left_out=3)
    page = drawn(open_page, "data-timeline", as_json(timeline))
    rows = page.locator(".lane")
    expect(rows.locator(".lane-name")).to_have_text(["Start", "Summarise #2", "Send", "Wait"])
    expect(rows.locator(".lane-note")).to_have_text(
        [
            "1.00 s",
            "3.00 s · 120 tokens",
            "0.50 s · failed · 2 retries · no route",
            "2.50 s · no end was seen",
        ]
    )
    expect(rows.nth(2).locator(".bar")).to_have_class("bar failed")
    bars = page.evaluate(
        "[...document.querySelectorAll('.bar')].map(bar => [bar.style.left, bar.style.width])"
    )
    assert [[round(float(part.rstrip("%"))) for part in bar] for bar in bars] == [
        [0, 22],
        [22, 67],
        [89, 11],
        [44, 56],
    ]
    expect(page.locator(".timeline .note")).to_have_text("3 more are not shown.")


def test_a_run_without_a_timeline_draws_nothing(open_page: Open) -> None:
    page = drawn(open_page, "data-timeline", as_json(Timeline()))
    expect(page.locator(".timeline")).to_have_count(0)


def test_the_bundle_reads_every_field_that_the_server_writes() -> None:
    named = [
        "node_id",
        "kind",
        "title",
        "started_at",
        "finished_at",
        "status",
        "tokens",
        "error",
        "retries",
        "inside",
        "step",
    ]
    assert list(asdict(Span("", "", "", 0.0))) == named


def test_two_versions_stand_side_by_side(open_page: Open) -> None:
    texts = {"old": "a = 1\nb = 2\n", "new": "a = 1\nb = 3\n", "language": "python"}
    page = drawn(open_page, "data-diff", texts)
    expect(page.locator(".cm-merge-a .cm-changedLine")).to_have_text("b = 2")
    expect(page.locator(".cm-merge-b .cm-changedLine")).to_have_text("b = 3")
    page.locator(".cm-merge-b .cm-content").click()
    page.keyboard.type("x")
    expect(page.locator(".cm-merge-b .cm-content")).not_to_contain_text("x")
