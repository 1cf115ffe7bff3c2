from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

import celery_app  # noqa: F401  # every process that loads Django publishes to our broker, not to amqp://localhost


class PlatformConfig(AppConfig):
    name = "platform_site"
    verbose_name = _("Platform")
