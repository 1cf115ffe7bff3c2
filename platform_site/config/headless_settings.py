"""The settings of beat, workers and Flower, without the apps that only serve pages."""

from __future__ import annotations

from platform_site.config.settings import *  # noqa: F403
from platform_site.config.settings import INSTALLED_APPS as ALL_APPS

PAGES = {
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
}
INSTALLED_APPS = [app for app in ALL_APPS if app not in PAGES]
