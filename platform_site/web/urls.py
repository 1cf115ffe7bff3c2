from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from platform_site.observability import health, metrics
from platform_site.pages.login import login, logout
from platform_site.pages.own_password import own_password
from platform_site.web.api import api
from platform_site.web.task_yaml import task_yaml, tasks_yaml

handler500 = "platform_site.pages.errors.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Browsers ask for it on pages without a head of ours: answers of the API, texts.
    path("favicon.ico", RedirectView.as_view(url=static("platform/favicon.svg"))),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("metrics/demand", metrics.demand),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", api.urls),
    path("admin/login/", login),  # these three precede the admin's own pages of these addresses
    path("admin/logout/", logout),
    path("admin/password_change/", own_password),
    path(
        "admin/scheduling/scheduledtask/<int:task_id>/yaml/",
        admin.site.admin_view(task_yaml),
        name="task_yaml",
    ),
    path("admin/scheduling/scheduledtask/yaml/", admin.site.admin_view(tasks_yaml), name="tasks_yaml"),
    path("admin/", admin.site.urls),
]

handler400 = "platform_site.pages.refusals.not_understood"
