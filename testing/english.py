"""English words that a page may show to a Chinese reader, and a way to find all others."""

from __future__ import annotations

import re

WORD = re.compile(r"[A-Za-z][A-Za-z']{2,}")
# URLs and calls of the SDK, which are shown as one types them.
LITERAL = re.compile(r"\b\w+://\S+|\b\w+\([^)]*\)")
# Names of products, settings and formats, of keys on the keyboard, and codes of languages.
NAMES = """
    Celery beat worker Python Dify Webhook Token API CRON Crontab CPU MiB SEC Redis CSRF URL JSON HTTP ID LDAP
    Asia Shanghai UTC English Ctrl Esc esc Tab zh hans Flower DSN SQLite MySQL SQL REST Worker pandas RSS Excel
    YAML curl JavaScript
"""
WEEKDAYS = "MTWTFSS"  # in the calendar of Django's date fields; its own Chinese catalog has them in English
# Examples and values in django-celery-beat's help texts.
EXAMPLES = "proj tasks import contacts arg argument value all CELERY TASK QUEUES AMQP RabbitMQ None True False enabled"
PEOPLE = "superuser viewer operator admin Admin system Superuser Everybody's"
CODES = "workday holiday timeout"  # kinds of days in the official calendars; a run's error code
ENDINGS = "key token secret password"  # of the names of secret settings
ROWS = "Ours ours theirs Our Their team our their everybody's report group"
KNOWN = set(WORD.findall(f"{NAMES} {WEEKDAYS} {EXAMPLES} {PEOPLE} {CODES} {ENDINGS} {ROWS}"))


def words(text: str) -> set[str]:
    return set(WORD.findall(LITERAL.sub(" ", text)))
