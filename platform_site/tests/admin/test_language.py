"""No English words on Chinese pages, but for names of things."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from notifications import outbox
from notifications.models import DeliveryKind
from scheduling.engine import requests
from scheduling.models import Run
from tenants import tokens
from tenants.models import AuditEntry, Secret, TenantConfig
from tests.world import World, listing, page

WORD = re.compile(r"[A-Za-z][A-Za-z']{2,}")
VOID = {"input", "br", "hr", "img", "meta", "link"}
SILENT = {"script", "style", "template", "pre", "textarea", "option"}
# Names of things, of settings and formats; a key of the keyboard, a language's code.
NAMES = """
    Celery beat worker Flower Python Dify Webhook Token API CRON Crontab CPU MiB SEC Redis CSRF URL JSON HTTP
    ID LDAP Asia Shanghai UTC English esc zh hans
"""
# Examples and values in django-celery-beat's help texts.
EXAMPLES = "proj tasks import contacts arg argument value all CELERY TASK QUEUES AMQP RabbitMQ None True False enabled"
PEOPLE = "superuser viewer operator admin system Superuser Everybody's"
CODES = "workday holiday"  # of the official calendars
ROWS = "Ours ours theirs Our Their team our their everybody's report group"
KNOWN = set(WORD.findall(f"{NAMES} {EXAMPLES} {PEOPLE} {CODES} {ROWS}"))


class Shown(HTMLParser):
    """The words that a reader gets to see; icons are words of their font."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.silent = 0
        self.open: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("placeholder", "title", "aria-label"):
            self.words |= set(WORD.findall(given.get(name) or ""))
        if tag not in VOID:
            hidden = tag in SILENT or "material-symbols" in (given.get("class") or "")
            self.open.append(hidden)
            self.silent += hidden

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words |= set(WORD.findall(data))


def english_words(client: Client, address: str) -> set[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return Shown(answer.content.decode()).words


def a_row_of_everything(world: World) -> None:
    User.objects.update(password="!")  # parts of a hash are shown, and may look like words
    run = requests.run_now(world.task, timezone.now(), "操作员")
    Run.objects.filter(pk=run.pk).update(trace_id="1")  # a random one may look like a word
    outbox.enqueue([world.channel], outbox.Letter("# 日报", DeliveryKind.RESULT, "日报"), timezone.now())
    Secret.objects.create(tenant=world.ours, secret_key="密钥", value="值")
    TenantConfig.objects.create(tenant=world.ours, app_code="应用", config_key="键", value="值")
    tokens.issue(User.objects.get(username="admin"), "令牌", plain="1" * 20)
    crontab = CrontabSchedule.objects.create(minute="30", hour="8", day_of_week="1-5")
    PeriodicTask.objects.create(name="任务", task="任务", crontab=crontab)


def test_chinese_pages_hold_no_english_words(world: World) -> None:
    a_row_of_everything(world)
    client = world.client("superuser", "zh-hans")
    request = client.get("/admin/").wsgi_request
    found = {}
    for model, registered in admin.site._registry.items():
        addresses = [listing(model)]
        if registered.has_add_permission(request):
            addresses.append(listing(model) + "add/")
        if (row := model._default_manager.first()) and model is not AuditEntry:  # it tells what was stored
            addresses.append(page(row))
        for address in addresses:
            if words := english_words(client, address) - KNOWN:
                found[address] = words
    assert found == {}
