"""Cautions: the preview's warnings about a schedule that is valid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise, takewhile

from scheduling.schedule.calendars import unconfirmed_years
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.due import TICK, local_times, next_due
from scheduling.schedule.language import Language, Text
from scheduling.schedule.rule import Schedule
from scheduling.schedule.wall_clock import is_skipped, landing, stretches

LOOK_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Caution:
    code: str
    params: dict[str, object] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        return TEXTS[self.code][language].format(**self.params)


def cautions(schedule: Schedule, now: datetime) -> list[Caution]:
    """List the cautions for a schedule that `validate` accepts."""
    return [
        *_cron_remarks(schedule),
        *_no_due_time(schedule, now),
        *_unconfirmed_years(schedule, now),
        *_skipped_times(schedule, now),
    ]


def _cron_remarks(schedule: Schedule) -> Iterator[Caution]:
    if schedule.schedule_type == "cron":
        for remark in parse_cron(schedule.cron_expression).remarks:
            yield Caution(remark.code, {"value": remark.value})


def _no_due_time(schedule: Schedule, now: datetime) -> Iterator[Caution]:
    if schedule.schedule_type == "once" and schedule.run_at is not None and schedule.run_at <= now:
        yield Caution("run_at_past")
    elif schedule.end_at is not None and schedule.end_at <= now:
        yield Caution("over")
    elif next_due(schedule, now) is None:
        yield Caution("no_due_time")


def _unconfirmed_years(schedule: Schedule, now: datetime) -> Iterator[Caution]:
    if schedule.calendar is None:
        return
    this_year = now.astimezone(schedule.zone).year
    last = schedule.end_at.astimezone(schedule.zone).year if schedule.end_at else this_year + 1
    for year in unconfirmed_years(schedule.calendar, range(this_year, min(last, this_year + 1) + 1)):
        yield Caution("calendar_unconfirmed", {"year": year})


def _skipped_times(schedule: Schedule, now: datetime) -> Iterator[Caution]:
    """Yield a caution for the first time in the year ahead that the schedule names and clocks skip."""
    ahead = takewhile(lambda stretch: stretch.begin < now + LOOK_AHEAD, stretches(schedule.zone, now))
    for before, after in pairwise(ahead):
        if after.offset > before.offset and (named := _named_in_gap(schedule, after.begin)):
            lands = after.begin.astimezone(schedule.zone)
            yield Caution("skipped_time", {"named": f"{named:%Y-%m-%d %H:%M}", "lands": f"{lands:%H:%M}"})
            return


def _named_in_gap(schedule: Schedule, gap: datetime) -> datetime | None:
    """Find the first wall time that is due at the instant `gap` because clocks skip it; None if there is none."""
    late = gap + schedule.spread_offset
    if next_due(schedule, late - TICK) != late:
        return None
    until_gap = takewhile(lambda local: landing(local) <= gap, local_times(schedule, gap - TICK))
    return next(filter(is_skipped, until_gap), None)


TEXTS: dict[str, Text] = {
    "cron_question_mark": {
        "en": "“{value}” is read as “*”.",
        "zh": "“{value}”按“*”处理。",
    },
    "cron_long_step": {
        "en": "The step of “{value}” exceeds its field, so only one value matches. Use an interval instead.",
        "zh": "“{value}”的步长超出了该字段的范围，因此只有一个值匹配；需要这么长的间隔时，请改用间隔调度。",
    },
    "over": {
        "en": "The schedule has ended: it won't fire again.",
        "zh": "调度已结束，不会再触发。",
    },
    "run_at_past": {
        "en": "This time has passed: the schedule won't start the task.",
        "zh": "该时间已过，调度不会再执行此任务。",
    },
    "no_due_time": {
        "en": "There are no more due times: the rule, the calendar and the validity dates leave none.",
        "zh": "之后没有应执行时间：规则、日历与有效期没有交集。",
    },
    "calendar_unconfirmed": {
        "en": "The official days of {year} are not confirmed yet; make-up working days are missing.",
        "zh": "{year} 年的官方放假安排尚未确认，缺少调休日。",
    },
    "skipped_time": {
        "en": "Clocks skip {named} on that day, so the task fires at {lands}.",
        "zh": "{named} 因夏令时调整而不存在，当天改在 {lands} 触发。",
    },
}
