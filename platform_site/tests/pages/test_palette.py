"""What Ctrl+K finds."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from notifications.models import Delivery
from scheduling.acts import runs
from testing.actors import ANN
from testing.world import World, listing, page


def found(world: World, term: str, who: str = "viewer") -> list[str]:
    answer = world.client(who).get("/admin/search/", {"s": term, "extended": "1"})
    return re.findall(r'href="([^"]+)"', answer.content.decode())


def test_tasks_and_channels_are_found_by_words_of_their_names(world: World) -> None:
    assert found(world, "Report") == [page(world.task, "overview")]
    assert found(world, "our group") == [page(world.channel)]


@pytest.mark.parametrize("form", ["{pk}", "#{pk}", "{trace_id}"])
def test_a_run_is_found_by_its_number_and_its_trace_id(world: World, form: str) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    assert page(run) in found(world, form.format(pk=run.pk, trace_id=run.trace_id))


def test_what_has_changed_is_found_as_it_is_now(world: World) -> None:
    assert found(world, "our") == [page(world.task, "overview"), page(world.channel)]
    world.channel.delete()
    assert found(world, "our") == [page(world.task, "overview")]


def test_nobody_finds_what_belongs_to_others(world: World) -> None:
    run = runs.run_now(world.their_task, ANN, timezone.now())
    for term in ("their", "everybody", str(run.pk), run.trace_id):
        assert found(world, term) == []
    assert found(world, "their report", who="superuser") == [page(world.their_task, "overview")]


def test_what_is_no_number_of_a_run_finds_none(world: World) -> None:
    for term in ("#", "-1", "0", "9" * 30):
        assert found(world, term) == []


def test_pages_are_found_by_their_names(world: World) -> None:
    assert found(world, "deliveries") == [listing(Delivery)]
