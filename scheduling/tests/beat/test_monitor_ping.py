from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
import redis
from pytest_django.fixtures import Settings

from scheduling.beat.monitor_ping import EVERY_SECONDS, MonitorPing
from scheduling.beat.scheduler import Ticker
from scheduling.tests.make import NOW
from testing.servers.webhook import Webhook


def beat(heart: MonitorPing, monotonic: float) -> None:
    heart.beat(monotonic)
    if heart.thread:
        heart.thread.join()


def test_it_pings_once_a_minute(settings: Settings) -> None:
    heart = MonitorPing()
    with Webhook() as monitor:
        settings.PLATFORM_HEARTBEAT_URL = monitor.url
        for second in (0, 1, EVERY_SECONDS - 1, EVERY_SECONDS, EVERY_SECONDS + 1):
            beat(heart, second)
        assert [call.method for call in monitor.calls] == ["GET", "GET"]


def test_without_an_address_nothing_is_pinged(settings: Settings) -> None:
    settings.PLATFORM_HEARTBEAT_URL = ""
    heart = MonitorPing()
    heart.beat(0)
    assert heart.thread is None


def test_beat_does_not_wait_for_a_monitor_that_hangs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def hang(url: str) -> None:
        asked.set()
        answered.wait()

    monkeypatch.setattr("scheduling.beat.monitor_ping._ping", hang)
    settings.PLATFORM_HEARTBEAT_URL = "https://monitor.example.com/"
    heart = MonitorPing()
    heart.beat(0)
    assert asked.wait(60)
    first = heart.thread
    heart.beat(EVERY_SECONDS)
    assert heart.thread is first
    answered.set()
    assert first is not None
    first.join()
    beat(heart, EVERY_SECONDS + 1)
    assert heart.thread is not first


def test_an_unheard_ping_is_logged_and_the_address_kept_out(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    heart = MonitorPing()
    with Webhook((503, {})) as monitor, caplog.at_level(logging.WARNING):
        settings.PLATFORM_HEARTBEAT_URL = f"{monitor.url}?key=secret"
        beat(heart, 0)
        settings.OUTBOUND_ALLOWED_NETWORKS = ()
        beat(heart, EVERY_SECONDS)
    assert len(caplog.messages) == 2
    assert "503" in caplog.messages[0]
    assert "secret" not in caplog.text


@pytest.mark.django_db
def test_a_beat_in_trouble_keeps_silent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with Webhook() as monitor:
        settings.PLATFORM_HEARTBEAT_URL = monitor.url
        ticker = Ticker("beat-1", now=lambda: NOW + timedelta(seconds=60))
        with monkeypatch.context() as patched:
            patched.setattr(ticker.release, "fill", _away)
            ticker.tick()
        assert not ticker.heartbeat.thread
        ticker.tick()
        thread = ticker.heartbeat.thread
        assert thread
        thread.join()
        assert len(monitor.calls) == 1


def _away(now: object) -> int:
    raise redis.ConnectionError
