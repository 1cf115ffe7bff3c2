"""Words that a page may show a Chinese reader in English, and how to find the others."""

from __future__ import annotations

import re

WORD = re.compile(r"[A-Za-z][A-Za-z']{2,}")
# Addresses and calls of the SDK, as one types them.
LITERAL = re.compile(r"\b\w+://\S+|\b\w+\([^)]*\)")
# Names of things, of settings and formats; a key of the keyboard, a language's code.
NAMES = """
    Celery beat worker Python Dify Webhook Token API CRON Crontab CPU MiB SEC Redis CSRF URL JSON HTTP ID LDAP
    Asia Shanghai UTC English Ctrl Esc esc Tab zh hans Flower DSN SQLite MySQL REST Worker pandas
"""
WEEKDAYS = "MTWTFSS"  # of the calendar in Django's date fields: its own Chinese catalogue has them so
# Examples and values in django-celery-beat's help texts.
EXAMPLES = "proj tasks import contacts arg argument value all CELERY TASK QUEUES AMQP RabbitMQ None True False enabled"
PEOPLE = "superuser viewer operator admin Admin system Superuser Everybody's"
CODES = "workday holiday"  # of the official calendars
ENDINGS = "key token secret password"  # of names of settings that are secrets
ROWS = "Ours ours theirs Our Their team our their everybody's report group"
KNOWN = set(WORD.findall(f"{NAMES} {WEEKDAYS} {EXAMPLES} {PEOPLE} {CODES} {ENDINGS} {ROWS}"))


def words(text: str) -> set[str]:
    return set(WORD.findall(LITERAL.sub(" ", text)))
