"""What Celery has of the settings."""

from __future__ import annotations

from django.conf import settings

from celery_app import app


def test_workers_tell_nobody_the_platforms_settings() -> None:
    """Each answers `inspect conf`, which Flower asks and shows, by this table."""
    configured = app.conf.table(with_defaults=True, censored=False)
    assert {name for name in dir(settings) if name.isupper()} & configured.keys() == {"CELERY_DB_REUSE_MAX"}


def test_every_setting_of_celerys_arrives() -> None:
    ours = {name: getattr(settings, name) for name in dir(settings) if name.startswith("CELERY_")}
    del ours["CELERY_DB_REUSE_MAX"]
    assert {name: app.conf[name.removeprefix("CELERY_").lower()] for name in ours} == ours
    assert app.conf.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX
