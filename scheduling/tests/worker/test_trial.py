"""A test run on its worker: like a run, but nothing is sent or kept, and what it says is bounded and masked."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis

from notifications.models import Delivery
from scheduling.execution import success
from scheduling.grants.vars import Vars
from scheduling.lifecycle import run_logs, trials
from scheduling.lifecycle.trials import TrialOutcome, TrialRequest, UnsentMessage
from scheduling.models import Run, ScriptVar
from scheduling.tests import make
from scheduling.worker import trial
from scheduling.worker.trial import UNSENT_CHARACTERS, TrialContext
from tenants.access import SYSTEM
from tenants.models import Secret

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def context() -> TrialContext:
    return TrialContext("1", request())


def request(source: str = "result = 1", **columns: Any) -> TrialRequest:
    defaults = {"script_deps": "", "input_params": {}, "timeout_seconds": 30, "tenant_id": None}
    return TrialRequest(source, **defaults | columns)


def tried(source: str, **columns: Any) -> tuple[TrialOutcome, list[str]]:
    """How the test of the script ended, and its lines."""
    trial_id = trials.ask(request(source, **columns), SYSTEM)
    trial.attempt(trial_id)
    answer = trials.answer_of(trial_id)
    assert answer is not None
    return answer, [line.text for line in trials.lines_after(trial_id)]


def test_a_script_runs_with_its_parameters_and_leaves_no_row() -> None:
    answer, lines = tried("print('hi')\nresult = get_params()", input_params={"n": 1})
    assert (answer.status, answer.result, lines) == ("success", {"n": 1}, ["hi"])
    assert answer.messages == [UnsentMessage("result", {"n": 1})]
    assert not Run.objects.exists()


def test_a_script_that_fails_says_why_and_sends_no_result() -> None:
    answer, _ = tried("notify('so far')\n1 / 0")
    assert (answer.status, answer.error_code) == ("failed", "script_error")
    assert "ZeroDivisionError" in answer.error
    assert [unsent.origin for unsent in answer.messages] == ["notify"]


def test_messages_are_recorded_and_none_is_sent() -> None:
    make.channel()
    answer, lines = tried("notify('x')\nresult = None", tenant_id="acme")
    assert [unsent.origin for unsent in answer.messages] == ["notify", "result"]
    assert "notify: recorded, a test run sends nothing" in lines
    assert not Delivery.objects.exists()


def test_variables_are_set_on_a_copy() -> None:
    make.tenant("acme")
    Vars(1, "acme").set_var("shared", 1, "tenant")
    answer, _ = tried(
        "set_var('shared', 2, scope='tenant')\nresult = get_var('shared', scope='tenant')", tenant_id="acme"
    )
    assert answer.result == 2
    assert list(ScriptVar.objects.values_list("var_value", flat=True)) == [1]


def test_a_secret_of_the_tenants_is_masked_wherever_it_comes_out() -> None:
    Secret.objects.create(tenant=make.tenant("acme"), secret_key="k", value="hunter22-hunter22")
    source = "value = get_secret('k')\nprint(value)\nnotify(value)\nresult = value\n"
    make.channel()
    for end in ("", "raise ValueError(value)"):
        answer, lines = tried(source + end, tenant_id="acme")
        assert "hunter22" not in str([answer, lines])
        assert "***" in str([answer, lines])


def test_its_time_limit_ends_it() -> None:
    assert tried("while True: pass", timeout_seconds=1)[0].error_code == "timeout"


def test_it_is_kept_alive_for_its_time_limit_and_longer_where_something_is_to_be_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[float] = []
    monkeypatch.setattr(trials, "stay_alive", lambda _, seconds: kept.append(seconds))
    monkeypatch.setattr(trial, "_execute", lambda *_: success())
    for has_deps in (False, True):
        trial_id = trials.ask(request(has_deps=has_deps), SYSTEM)
        trial.attempt(trial_id)
    plain = 30 + trial.GRACE_SECONDS
    assert [seconds for seconds in kept if seconds != trials.TAKE_SECONDS] == [
        plain,
        plain + trial.INSTALLING_SECONDS,
    ]


@pytest.mark.parametrize("ended", ["taken", "canceled"])
def test_one_that_nobody_waits_for_is_not_run(ended: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_execute", lambda *_: 1 / 0)
    trial_id = trials.ask(request(), SYSTEM)
    trials.take(trial_id) if ended == "taken" else trials.cancel(trial_id, SYSTEM)
    before = trials.answer_of(trial_id)
    trial.attempt(trial_id)
    assert trials.answer_of(trial_id) == before


def test_an_error_of_the_platforms_own_ends_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> TrialOutcome:
        raise RecursionError("hunter22")

    monkeypatch.setattr(trial, "_trial_outcome", broken)
    monkeypatch.setattr(trial, "_execute", lambda *_: success())
    answer, _ = tried("result = 1")
    assert (answer.status, answer.error_code, answer.error) == ("failed", "internal_error", "RecursionError")


def test_a_redis_that_is_away_is_an_error_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer could not be stored: nothing can be said to who waits for it."""

    def refuse(*_: object) -> None:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(trial, "_execute", refuse)
    with pytest.raises(redis.RedisError):
        tried("result = 1")


def test_a_cancel_ends_what_it_does_and_its_lines_are_written_by_then(context: TrialContext) -> None:
    context.line("so far")
    assert not context.canceled()
    assert [line.text for line in trials.lines_after("1")] == ["so far"]
    trials.client().hset("platform:trial:1", "canceled", 1)
    assert context.canceled()
    assert context.switch.is_canceled


def test_lines_are_numbered_masked_and_written_when_there_are_many() -> None:
    Secret.objects.create(tenant=make.tenant("acme"), secret_key="k", value="hunter22")
    context = TrialContext("1", request(tenant_id="acme"))
    for _ in range(trial.FLUSH_LINES - 1):
        context.line("my hunter22", "stdout")
    assert trials.lines_after("1") == []
    context.line("the last")
    found = trials.lines_after("1")
    assert [line.seq for line in found] == list(range(1, trial.FLUSH_LINES + 1))
    assert (found[0].text, found[0].stream) == ("my ***", "stdout")
    assert (found[-1].text, found[-1].stream) == ("the last", "system")


def test_what_does_not_count_moves_its_end(context: TrialContext) -> None:
    before = context.ends_at
    assert 0 < context.seconds_left <= 30
    context.extend(60)
    assert context.ends_at == before + 60


def test_the_lines_of_a_test_run_are_cut_as_a_runs_are(context: TrialContext) -> None:
    for _ in range(40):
        context.line("x" * 3_000_000, "stdout")
    context.flush()
    texts = [line.text for line in trials.lines_after("1")]
    assert texts[-1] == run_logs.CUT
    assert sum(map(len, texts)) <= run_logs.OUTPUT_CAP + len(run_logs.CUT)


def test_a_test_run_records_so_many_messages_and_says_that_there_were_more(context: TrialContext) -> None:
    for _ in range(80):
        context.would_send("notify", "x" * 300_000)
    context.flush()
    assert len(json.dumps([unsent.message for unsent in context.unsent])) <= UNSENT_CHARACTERS
    assert trials.lines_after("1")[-1].text.startswith("notify: not recorded")
