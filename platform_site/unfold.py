"""How unfold shows the admin: its name, its side bar, the dashboard behind the first page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def _sees(model: str) -> Callable[[HttpRequest], bool]:
    """Asked when a page is shown: there are no models yet when settings are read."""

    def permission(request: HttpRequest) -> bool:
        page = admin.site.get_model_admin(apps.get_model(model))
        return page.has_view_permission(request)

    return permission


def _page(title: str | Promise, icon: str, model: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model.replace('.', '_').lower()}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _sees(model)}


def _overview(request: HttpRequest) -> bool:
    return request.path == str(reverse_lazy("admin:index"))


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
            _page(_("Tasks"), "schedule", "scheduling.ScheduledTask"),
            _page(_("Runs"), "history", "scheduling.Run"),
            _page(_("Script variables"), "data_object", "scheduling.ScriptVar"),
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
        "title": _("Tenants"),
        "separator": True,
        "items": [
            _page(_("Tenants"), "domain", "tenants.Tenant"),
            _page(_("Tenant settings"), "tune", "tenants.TenantConfig"),
            _page(_("Secrets"), "key", "tenants.Secret"),
        ],
    },
    {
        "title": _("Access"),
        "separator": True,
        "items": [
            _page(_("Users"), "group", "auth.User"),
            _page(_("API tokens"), "token", "tenants.ApiToken"),
            _page(_("Audit log"), "fact_check", "tenants.AuditEntry"),
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
    "SITE_URL": reverse_lazy("admin:index"),
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "platform_site.dashboard.dashboard",
    "STYLES": [lambda request: static("platform/admin.css")],
    "SCRIPTS": [lambda request: static("platform/acts.js")],
    "SIDEBAR": {"navigation": NAVIGATION},
    # unfold would write its colours into each page, which the Content-Security-Policy refuses: admin.css has them.
    "COLORS": lambda request: {},
}
