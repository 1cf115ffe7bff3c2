import os
import signal
from datetime import timedelta

import pytest
import redis
from django.db import OperationalError
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError as KombuOperationalError

from celery_app import app
from common import process_registry
from common.redis_client import client
from scheduling.beat import fire
from scheduling.beat import scheduler as beat
from scheduling.beat.scheduler import TICK_SECONDS, Scheduler, Ticker
from scheduling.lifecycle.publish import publish
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW, release
from testing.servers.redis_server import RedisServer

pytestmark = pytest.mark.django_db


def ticker(seconds: float = 60) -> Ticker:
    return Ticker("beat-1", now=lambda: NOW + timedelta(seconds=seconds))


def test_a_tick_fires_and_publishes_what_is_due() -> None:
    task = make.task()
    ticker().tick()
    run = Run.objects.get(task=task)
    assert (run.status, run.published_at) == ("queued", NOW + MINUTE)
    assert client().llen("script") == 1


def test_a_herds_rows_stand_before_its_due_time() -> None:
    task = make.task()
    ticker(45).tick()
    assert make.states(task) == [("08:01:00", "queued")]
    assert client().llen("script") == 0
    ticker(60).tick()
    assert client().llen("script") == 1


def test_what_is_due_goes_out_before_what_comes_due_next_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    make.task()
    ticker(45).tick()
    sent: list[int] = []

    def fire_later(now: object) -> int:
        sent.append(client().llen("script"))
        return 0

    monkeypatch.setattr(fire, "fire", fire_later)
    ticker(60).tick()
    assert sent == [1]


def test_the_next_tick_is_at_the_next_due_time() -> None:
    make.task()
    assert ticker(59.7).tick() == pytest.approx(0.3)


def test_it_is_never_further_away_than_a_second() -> None:
    assert ticker().tick() == TICK_SECONDS


def test_two_beats_make_one_run() -> None:
    task = make.task()
    ticker().tick()
    Ticker("beat-2", now=lambda: NOW + MINUTE).tick()
    assert make.states(task) == [("08:01:00", "queued")]
    assert client().llen("script") == 1


def test_without_redis_due_times_still_become_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make.task()

    def refuse(who: object) -> None:
        raise redis.ConnectionError("away")

    with monkeypatch.context() as patched:
        patched.setattr(process_registry, "announce", refuse)
        one = ticker()
        one.tick()
        assert one.in_trouble
    assert make.states(task) == [("08:01:00", "queued")]
    assert one.tick() == TICK_SECONDS
    assert client().llen("script") == 1


def test_a_database_that_fails_restarts_the_reapers_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ticker()
    one.tick()
    assert one.reaper.answering_since is not None

    def refuse(now: object) -> int:
        raise OperationalError("gone")

    monkeypatch.setattr(fire, "fire", refuse)
    one.tick()
    assert one.in_trouble
    assert one.reaper.answering_since is None


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), KombuOperationalError("gone"), TimeoutError("gone")]
)
def test_what_does_not_answer_yet_is_waited_for_and_told_once(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [error, error, None]

    def ask() -> str:
        if failed := answers.pop(0):
            raise failed
        return "there"

    monkeypatch.setattr(beat, "TICK_SECONDS", 0)
    assert beat.await_answer("It", ask) == "there"
    assert caplog.messages == ["It does not answer yet: gone"]


def test_a_database_that_goes_away_between_the_two_schedulers_ends_no_beat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("gone")

    scheduler = Scheduler(app=app, lazy=True)
    monkeypatch.setattr(DatabaseScheduler, "tick", refuse)
    assert scheduler.tick() == TICK_SECONDS
    assert scheduler.ticker.in_trouble
    assert scheduler.ticker.reaper.answering_since is None


def once_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away in the middle of the next read of the operators' schedule."""
    real, away = DatabaseScheduler.all_as_schedule, [OperationalError("gone")]

    def read(scheduler: DatabaseScheduler) -> object:
        if away:
            raise away.pop()
        return real(scheduler)

    monkeypatch.setattr(DatabaseScheduler, "all_as_schedule", read)


@pytest.mark.django_db(transaction=True)  # the inherited scheduler closes its connection
def test_a_beat_that_loses_its_database_while_it_starts_starts_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once_away(monkeypatch)
    monkeypatch.setattr(beat, "TICK_SECONDS", 0)
    assert set(Scheduler(app=app).schedule) >= set(app.conf.beat_schedule)


@pytest.mark.django_db(transaction=True)
def test_a_change_that_could_not_be_read_is_read_by_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = Scheduler(app=app)
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    monkeypatch.setattr(scheduler, "schedule_changed", [False, True].pop)
    PeriodicTask.objects.create(name="tidy", task="tidy", interval=every)
    once_away(monkeypatch)
    with pytest.raises(OperationalError):
        scheduler.schedule  # noqa: B018
    assert "tidy" in scheduler.schedule


def test_a_redis_that_freezes_during_a_batch_leaves_it_to_a_later_tick(redis_server: RedisServer) -> None:
    run = make.run(make.task())
    publish([])  # connected: what freezes is the batch itself
    client().llen("script")
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(KombuOperationalError):
            publish([(run.trace_id, "script")])
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    publish([(run.trace_id, "script")])
    assert client().llen("script") >= 1


def test_a_beat_announces_itself_and_leaves() -> None:
    one = ticker()
    one.tick()
    assert [beat.name for beat in process_registry.living("beat")] == ["beat-1"]
    one.leave()
    assert process_registry.living("beat") == []


def test_nothing_is_released_by_a_tick_that_fired_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make.task(is_enabled=False)
    ticker().tick()
    assert release(NOW + MINUTE) == 0


class TestPeriodicTasks:
    """Rows of django-celery-beat: housekeeping, and what operators add."""

    def entries(self) -> list[object]:
        every = IntervalSchedule.objects.create(every=10, period="seconds")
        PeriodicTask.objects.create(
            name="tidy", task="tidy", interval=every, last_run_at=timezone.now() - MINUTE
        )
        return [Scheduler(app=app, lazy=True).all_as_schedule()["tidy"] for _ in range(2)]

    def test_of_two_beats_one_fires_an_occurrence(self) -> None:
        first, second = self.entries()
        schedulers = [Scheduler(app=app, lazy=True) for _ in range(2)]
        followers = [schedulers[0].reserve(first), schedulers[1].reserve(second)]  # type: ignore[arg-type]
        assert [first.won, second.won] == [True, False]  # type: ignore[attr-defined]
        stored = PeriodicTask.objects.get(name="tidy")
        assert stored.total_run_count == 1
        assert [f.last_run_at for f in followers] == [stored.last_run_at, stored.last_run_at]

    def test_the_loser_can_fire_the_next_one(self) -> None:
        first, second = self.entries()
        one, two = Scheduler(app=app, lazy=True), Scheduler(app=app, lazy=True)
        one.reserve(first)  # type: ignore[arg-type]
        following = two.reserve(second)  # type: ignore[arg-type]
        two.reserve(following)
        assert following.won
