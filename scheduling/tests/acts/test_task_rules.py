"""What is wrong with a task is found all at once, by column; a later rule holds up no change of something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from scheduling.acts import task_rules
from scheduling.acts.task_rules import (
    InvalidTaskError,
    TaskProblem,
    judged_texts,
    problems_of,
    reader_language,
    require_valid,
    schedule_problems,
    text_problems,
)
from scheduling.kinds.script import check
from scheduling.models import ScheduledTask
from scheduling.schedule.errors import UnknownCalendarError
from scheduling.tests import make
from testing.callers import has_chinese

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def task(**columns: Any) -> ScheduledTask:
    defaults = {"task_name": "t", "time_points": ["08:00"], "script_content": "result = 1", "timezone": "UTC"}
    return ScheduledTask(**{"tenant": make.tenant()} | defaults | columns)


def columns_of(problems: list[TaskProblem]) -> list[str]:
    return [problem.field for problem in problems]


def test_a_sound_task_has_no_problem() -> None:
    assert problems_of(task()) == []
    require_valid(task())


def test_all_that_is_wrong_is_found_at_once_in_texts_that_name_it() -> None:
    wrong = task(time_points=["25:00"], notify_channels=[7], retry_count=-1, script_content="def")
    with pytest.raises(InvalidTaskError) as error:
        require_valid(wrong)
    found = {problem.field: problem.message for problem in error.value.problems}
    assert set(found) == {"time_points", "notify_channels", "retry_count", "script_content"}
    assert "25:00" in found["time_points"]
    assert "7" in found["notify_channels"]
    assert "Line 1, column " in found["script_content"]
    for field, message in found.items():
        assert f"{field}: {message}" in str(error.value)


class TestAColumnThatALaterRuleForbids:
    WRONG = {"retry_count": 32_000}

    def test_is_wrong_where_everything_is_judged_or_it_is_what_changes(self) -> None:
        for changed in (None, {"retry_count"}):
            assert columns_of(problems_of(task(**self.WRONG), changed=changed)) == ["retry_count"]

    def test_holds_up_no_change_of_another(self) -> None:
        assert problems_of(task(**self.WRONG), changed={"task_name"}) == []
        assert problems_of(task(**self.WRONG), changed=set()) == []

    def test_keeps_the_task_from_being_switched_on_and_not_off(self) -> None:
        on, off = task(**self.WRONG), task(**self.WRONG, is_enabled=False)
        assert columns_of(problems_of(on, changed={"is_enabled"})) == ["retry_count"]
        assert problems_of(off, changed={"is_enabled"}) == []

    @pytest.mark.parametrize(
        ("changed", "is_judged"),
        [
            ({"task_name"}, False),
            ({"webhook_body_template"}, True),
            ({"execution_type"}, True),
            ({"webhook_headers"}, True),
        ],
    )
    def test_a_template_is_judged_with_what_decides_about_it(
        self, changed: set[str], is_judged: bool
    ) -> None:
        hook = task(
            execution_type="webhook", webhook_url="https://example.com", webhook_body_template="{{ nobody }}"
        )
        assert columns_of(problems_of(hook, changed=changed)) == ["webhook_body_template"] * is_judged

    def test_a_script_is_judged_whatever_changes(self) -> None:
        assert columns_of(problems_of(task(script_content="def"), changed={"task_name"})) == [
            "script_content"
        ]


class TestTheSchedule:
    def test_is_judged_by_its_own_rules_and_each_column_once(self) -> None:
        wrong = task(schedule_type="cron", time_points=[], cron_expression="61 * * * *")
        assert columns_of(problems_of(wrong)) == ["cron_expression"]
        assert [error.field for error in schedule_problems(wrong)] == ["cron_expression"]

    def test_a_calendar_that_is_gone_is_a_problem_of_its_column(self) -> None:
        [error] = schedule_problems(task(calendar="gone"))
        assert isinstance(error, UnknownCalendarError)
        assert columns_of(problems_of(task(calendar="gone"))) == [error.field]

    @pytest.mark.parametrize(("language", "is_chinese"), [("zh-hans", True), ("en", False)])
    def test_is_described_in_the_readers_language(self, language: str, is_chinese: bool) -> None:
        with translation.override(language):
            assert reader_language() == ("zh" if is_chinese else "en")
            [problem] = problems_of(task(schedule_type="cron", time_points=[], cron_expression="x"))
        assert has_chinese(problem.message) == is_chinese

    def test_where_nothing_is_translated_it_is_english(self) -> None:
        with translation.override(None):
            assert reader_language() == "en"


class TestWhatARunNeeds:
    def test_is_asked_of_a_task_that_is_on_and_a_draft_may_lack_it(self) -> None:
        [problem] = problems_of(task(execution_type="webhook"))
        assert problem.field == "webhook_url"
        assert "required to enable" in problem.message
        assert problems_of(task(execution_type="webhook", is_enabled=False)) == []

    def test_what_the_schedule_lacks_is_said_once(self) -> None:
        windows = task(schedule_type="interval", time_points=[], use_windows=True, interval_minutes=None)
        assert columns_of(problems_of(windows)) == ["interval_minutes"]


class TestChannelsAndApps:
    def test_a_tenants_task_uses_its_own_and_the_others_do_not_exist_for_it(self) -> None:
        own, other = make.channel(), make.channel("other")
        [problem] = problems_of(task(notify_channels=[own.pk, other.pk]))
        assert problem == TaskProblem("notify_channels", f"Channel {other.pk} does not exist.")

    def test_a_tenants_task_uses_its_own_app_only(self) -> None:
        own, other = make.wecom_app(), make.wecom_app("other")
        assert problems_of(task(notify_wecom_app=own)) == []
        [problem] = problems_of(task(notify_wecom_app=other))
        assert problem == TaskProblem("notify_wecom_app_id", f"WeCom app {other.pk} does not exist.")

    def test_a_global_task_uses_any_that_there_is(self) -> None:
        channel, app = make.channel("other"), make.wecom_app("third")
        fine = task(tenant=None, notify_channels=[channel.pk], notify_wecom_app=app)
        assert problems_of(fine) == []
        gone = task(tenant=None, notify_channels=[channel.pk + 1], notify_wecom_app_id=app.pk + 1)
        assert columns_of(problems_of(gone)) == ["notify_channels", "notify_wecom_app_id"]


class TestTexts:
    def test_known_problems_are_not_looked_for_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(task_rules, "text_problems", lambda _: 1 / 0)
        known = [TaskProblem("script_content", "It was wrong before.")]
        assert problems_of(task(), known) == known
        assert problems_of(task(), []) == []

    def test_all_that_they_depend_on_is_compared_and_nothing_else(self) -> None:
        judged = judged_texts(task())
        assert judged_texts(task(task_name="other", retry_count=3)) == judged
        for column, value in {
            "script_content": "result = 2",
            "script_deps": "tiny",
            "tenant": None,
            "execution_type": "webhook",
            "webhook_headers": "{}",
            "webhook_body_template": "{}",
        }.items():
            assert judged_texts(task(**{column: value})) != judged, column

    def test_each_error_of_a_script_is_placed_and_a_warning_is_none(self) -> None:
        [problem] = text_problems(task(script_content="result = 1\nresult =="))
        assert problem.field == "script_content"
        assert problem.message.startswith("Line 2, column ")
        assert text_problems(task(script_content="result = 1 is 1")) == []

    @pytest.mark.parametrize(
        ("columns", "field"),
        [
            ({"script_deps": "-e ."}, "script_deps"),
            ({"script_content": "# /// script\n# dependencies = 1\n# ///"}, "script_content"),
        ],
    )
    def test_a_dependency_that_can_not_be_read_is_a_problem_of_where_it_stands(
        self, columns: dict[str, str], field: str
    ) -> None:
        assert columns_of(text_problems(task(**columns))) == [field]

    def test_a_dependency_that_the_operator_does_not_allow_is_named(self, settings: Settings) -> None:
        deps = task(script_deps="tiny\nother")
        settings.SCRIPT_DEPS_DENY = ["tiny"]
        assert text_problems(deps) == [TaskProblem("script_deps", "The operator does not allow tiny.")]
        settings.SCRIPT_DEPS_DENY, settings.SCRIPT_DEPS_ALLOW = [], ["tiny"]
        assert text_problems(deps) == [TaskProblem("script_deps", "The operator does not allow other.")]

    def test_a_script_that_no_sandbox_could_look_at_is_one_problem(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def lost(*_: object) -> None:
            raise check.SandboxError("no sandbox")

        monkeypatch.setattr(check, "look", lost)
        [problem] = text_problems(task(script_deps="tiny"))
        assert problem.field == "script_content"
        assert "no sandbox" in problem.message
