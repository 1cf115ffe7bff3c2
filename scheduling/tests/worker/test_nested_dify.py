"""A Dify task that a script calls ends with the script, and has its lines in the script's log."""

from __future__ import annotations

import pytest
from django.utils import timezone

from common.http import CancelSwitch
from scheduling.models import IncompleteTaskError, Run
from scheduling.tests.kinds.context import FakeContext, ImpatientSwitch
from scheduling.tests.worker.dify_task import NO_INPUTS, dify_task, finished, paths
from scheduling.worker.nested_dify import BEHIND_SECONDS, NestedContext, call
from testing.servers.dify_replay import DifyReplay, says, streams

pytestmark = pytest.mark.django_db(transaction=True)
BUSY = says(429, {"code": "too_many_requests", "message": "busy"})


def test_its_deadline_is_behind_the_scripts_and_its_lines_are_the_scripts() -> None:
    outer = FakeContext(seconds=5)
    context = NestedContext(outer, CancelSwitch())
    context.line("called")
    context.line("printed", "stdout")
    context.extend(60)
    assert outer.lines == [("system", "called"), ("stdout", "printed")]
    assert context.seconds_left == 5 + BEHIND_SECONDS
    assert context.seconds_to_end < BEHIND_SECONDS


def test_its_texts_are_cut_as_the_scripts_are() -> None:
    outer = FakeContext()
    outer.masker.add("hunter22-hunter22")
    assert NestedContext(outer, CancelSwitch()).cut("my hunter22-hunter22", 12) == "my "


@pytest.mark.parametrize(("own", "user"), [("", "script-{pk}"), ("somebody", "somebody")])
def test_dify_gets_the_scripts_inputs_under_a_user_that_no_run_of_the_task_has(own: str, user: str) -> None:
    declared = says(200, {"user_input_form": [{"text-input": {"variable": "city"}}]})
    with DifyReplay(declared, streams(finished("succeeded", outputs={}))) as dify:
        task = dify_task(dify, dify_user=own)
        call(task, {"city": "Berlin"}, FakeContext(), CancelSwitch(), "t")
        sent = dify.requests[-1].json()
    assert (sent["inputs"], sent["user"]) == ({"city": "Berlin"}, user.format(pk=task.pk))


@pytest.mark.parametrize("which", ["script", "calls"])
def test_whatever_ends_the_script_ends_it(which: str) -> None:
    outer, switch = FakeContext(), CancelSwitch()
    context = NestedContext(outer, switch)
    assert not context.canceled()
    (outer.switch if which == "script" else switch).cancel()
    assert context.canceled()


def test_a_call_that_dify_had_no_room_for_is_made_again_and_has_no_row() -> None:
    with DifyReplay(NO_INPUTS, BUSY, NO_INPUTS, streams(finished("succeeded", outputs={"a": 1}))) as dify:
        task = dify_task(dify)
        outcome = call(task, {}, FakeContext(seconds=3600), ImpatientSwitch(), "t")
        sent = [path for path in paths(dify) if path.endswith("/run")]
    assert (outcome.status, len(sent)) == ("success", 2)
    assert not Run.objects.exists()


class CanceledMeanwhile(CancelSwitch):
    """The script ends while its call waits to be made again."""

    def wait(self, seconds: float) -> bool:
        self.cancel()
        return super().wait(seconds)


def test_a_script_that_ends_meanwhile_makes_its_call_no_more() -> None:
    with DifyReplay(NO_INPUTS, BUSY) as dify:
        outcome = call(dify_task(dify), {}, FakeContext(seconds=3600), CanceledMeanwhile(), "t")
    assert (outcome.status, outcome.error_code) == ("failed", "timeout")


def test_a_call_is_not_made_again_when_the_pause_is_longer_than_the_script_has() -> None:
    with DifyReplay(NO_INPUTS, BUSY) as dify:
        outcome = call(dify_task(dify), {}, FakeContext(seconds=0.01), ImpatientSwitch(), "t")
    assert (outcome.status, outcome.error_code) == ("failed", "dify_rate")


def test_a_script_whose_time_is_over_calls_nothing() -> None:
    with DifyReplay() as dify:
        outcome = call(dify_task(dify), {}, FakeContext(seconds=0), ImpatientSwitch(), "t")
        assert not dify.requests
    assert outcome.error_code == "timeout"


def test_a_task_that_lacks_something_is_not_called() -> None:
    with DifyReplay() as dify:
        task = dify_task(dify)
        task.dify_api_key = ""
        with pytest.raises(IncompleteTaskError):
            call(task, {}, FakeContext(), ImpatientSwitch(), f"t{timezone.now()}")
        assert not dify.requests
