"""The look of the admin in unfold: its name, its side bar, the dashboard behind the first page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platform_site.config.addresses import host_and_port


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    """Return a check whether the user sees the model's page.

    It looks the model up when a page is shown: there are no models yet when settings are read.
    """

    def permission(request: HttpRequest) -> bool:
        from django.contrib import admin  # noqa: PLC0415  # workers and beats, which read this too, have no pages

        page = admin.site.get_model_admin(apps.get_model(model))
        return page.has_view_permission(request)

    return permission


def _page(title: str | Promise, icon: str, model: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model.replace('.', '_').lower()}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _may_view(model)}


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _tasks(request: HttpRequest) -> bool:
    """Return whether the page is one of the tasks' pages.

    The default Dify task's page lies below them, but has an entry of its own in the side bar.
    """
    tasks = str(reverse_lazy("admin:scheduling_scheduledtask_changelist"))
    return request.path.startswith(tasks) and not request.path.startswith(f"{tasks}default/")


def _overview(request: HttpRequest) -> bool:
    return request.path == str(reverse_lazy("admin:index"))


def _flower(request: HttpRequest) -> str:
    """Return Flower's address, with no path behind the port: unfold would take it for a part of every page's path."""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return settings.FLOWER_URL.rstrip("/") or f"http://{host_and_port(host, settings.FLOWER_PORT)}"


NAVIGATION: list[dict[str, Any]] = [
    {
        "items": [
            {
                "title": _("Overview"),
                "icon": "dashboard",
                "link": reverse_lazy("admin:index"),
                "active": _overview,
            },
        ]
    },
    {
        "title": _("Tasks"),
        "separator": True,
        "items": [
            _page(_("Tasks"), "schedule", "scheduling.ScheduledTask") | {"active": _tasks},
            _page(_("Runs"), "history", "scheduling.Run"),
            _page(_("Failures"), "report", "scheduling.FailureGroup")
            | {"badge": "scheduling.admin.failures.count_new"},
            _page(_("Calendars"), "calendar_month", "scheduling.Calendar"),
            _page(_("Backfills"), "date_range", "scheduling.Backfill"),
            {
                "title": _("Default Dify task"),
                "icon": "autorenew",
                "link": reverse_lazy("admin:scheduling_scheduledtask_default"),
                "permission": _is_superuser,
            },
        ],
    },
    {
        "title": _("For scripts"),
        "separator": True,
        "items": [
            _page(_("Script variables"), "data_object", "scheduling.ScriptVar"),
            _page(_("Secrets"), "key", "tenants.Secret"),
            _page(_("Tenant settings"), "tune", "tenants.TenantConfig"),
            _page(_("Data sources"), "database", "scheduling.DataSource"),
        ],
    },
    {
        "title": _("Messages"),
        "separator": True,
        "items": [
            _page(_("Channels"), "campaign", "notifications.NotifyChannel"),
            _page(_("WeCom apps"), "forum", "notifications.WeComApp"),
            _page(_("Deliveries"), "outbox", "notifications.Delivery"),
        ],
    },
    {
        "title": _("Access"),
        "separator": True,
        "items": [
            _page(_("Tenants and members"), "domain", "tenants.Tenant"),
            _page(_("Users"), "group", "auth.User"),
            _page(_("API tokens"), "token", "tenants.ApiToken"),
            _page(_("Audit log"), "fact_check", "tenants.AuditEntry"),
        ],
    },
    {
        "title": _("Tools"),
        "separator": True,
        "items": [
            {"title": _("API documentation"), "icon": "api", "link": reverse_lazy("api-1:openapi-view")},
            {"title": "Flower", "icon": "local_florist", "link": _flower, "permission": _is_superuser},
        ],
    },
    {
        "title": "Celery beat",
        "separator": True,
        "collapsible": True,
        "items": [
            _page(_("Periodic tasks"), "update", "django_celery_beat.PeriodicTask"),
            _page(_("Intervals"), "timer", "django_celery_beat.IntervalSchedule"),
            _page(_("Crontabs"), "event_repeat", "django_celery_beat.CrontabSchedule"),
            _page(_("Clocked times"), "alarm", "django_celery_beat.ClockedSchedule"),
            _page(_("Solar events"), "wb_twilight", "django_celery_beat.SolarSchedule"),
        ],
    },
]

ADMIN_LOOK: dict[str, Any] = {
    "SITE_TITLE": _("Task platform"),
    "SITE_HEADER": _("Task platform"),
    "SITE_SYMBOL": "bolt",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("platform/favicon.svg")}
    ],
    "SITE_URL": reverse_lazy("admin:index"),
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "platform_site.pages.dashboard.dashboard",
    "STYLES": [
        lambda request: static("platform/bundle/bundle.css"),
        lambda request: static("platform/admin.css"),
        lambda request: static("platform/task.css"),
    ],
    "SCRIPTS": [
        lambda request: static("platform/acts.js"),
        lambda request: static("platform/keyboard.js"),
        lambda request: static("platform/message_frames.js"),
        lambda request: static("platform/searched.js"),
        lambda request: static("platform/zone.js"),
    ],
    "COMMAND": {"search_callback": "platform_site.pages.palette.search"},
    "SIDEBAR": {"show_search": True, "command_search": True, "navigation": NAVIGATION},
    # unfold would write its colors into each page, which the Content-Security-Policy refuses: admin.css has them.
    "COLORS": lambda request: {},
}
