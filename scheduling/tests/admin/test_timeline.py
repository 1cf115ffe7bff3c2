"""The bars of a Dify run."""

from __future__ import annotations

from typing import Any

from scheduling.admin.run_pages.timeline import draw


def span(node: str, began: float, ended: float | None, **more: Any) -> dict[str, Any]:
    known = {"kind": "llm", "title": node, "status": "succeeded", "tokens": 0, "error": "", "retries": 0}
    return (
        {"node_id": node, "started_at": began, "finished_at": ended, "inside": "", "step": None}
        | known
        | more
    )


def drawn(*spans: dict[str, Any]) -> Any:
    return draw({"spans": list(spans), "left_out": 2})


def test_a_run_without_nodes_has_no_picture() -> None:
    assert draw(None) is None
    assert drawn() is None


def test_bars_are_in_percent_of_the_whole() -> None:
    shown = drawn(span("a", 0, 2), span("b", 2, 8))
    assert [(bar.left, bar.width, bar.seconds) for bar in shown.bars] == [(0, 25, 2), (25, 75, 6)]
    assert (shown.seconds, shown.left_out) == (8, 2)


def test_what_ran_inside_a_loop_stands_below_it() -> None:
    shown = drawn(span("loop", 0, 4), span("after", 4, 5), span("one", 0, 2, inside="loop", step=0))
    assert [(bar.title, bar.is_inside) for bar in shown.bars] == [
        ("loop", False),
        ("one", True),
        ("after", False),
    ]


def test_what_ran_inside_something_unseen_is_not_lost() -> None:
    assert [bar.title for bar in drawn(span("one", 0, 2, inside="gone")).bars] == ["one"]


def test_a_node_without_an_end_reaches_to_the_end() -> None:
    shown = drawn(span("a", 0, 10), span("b", 5, None, status="running"))
    assert (shown.bars[1].width, shown.bars[1].seconds) == (50, None)


def test_what_still_runs_reaches_to_now() -> None:
    timeline = {"spans": [span("a", 0, 10), span("b", 10, None, status="running")], "left_out": 0}
    shown = draw(timeline, so_far=40)
    assert shown
    assert (shown.seconds, shown.goes_on) == (40, True)
    assert [(bar.left, bar.width) for bar in shown.bars] == [(0, 25), (25, 75)]


def test_a_workers_clock_that_is_ahead_cuts_nothing_off() -> None:
    shown = draw({"spans": [span("a", 0, 10)], "left_out": 0}, so_far=-3)
    assert shown
    assert shown.seconds == 10


def test_the_shortest_node_can_be_seen_and_stays_in_the_picture() -> None:
    for bar in drawn(span("a", 0, 1000), span("b", 1000, 1000)).bars:
        assert bar.width > 0
        assert bar.left + bar.width <= 100


def test_a_run_of_no_time_is_no_division_by_zero() -> None:
    assert drawn(span("a", 0, 0)).bars[0].width > 0
