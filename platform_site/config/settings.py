"""All settings, read from the environment (docs/configuration.md). A wrong one stops the start and is named."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Any

from celery.schedules import crontab, schedule
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from platform_site.config.addresses import allowed_hosts, host_and_port, origin
from platform_site.config.data_dir import BASE_DIR, data_dir, read_file
from platform_site.config.database import database
from platform_site.config.env import Reader, SettingError
from platform_site.config.unfold import ADMIN_LOOK

env = Reader()
DATA_DIR = data_dir(env)

HOST = env.text("PLATFORM_HOST", "FLASK_HOST", default="127.0.0.1")
PORT = env.port("PLATFORM_PORT", "FLASK_PORT", default=8000)
FLOWER_PORT = env.port("PLATFORM_FLOWER_PORT", default=5555)
WEB_HEADER_SECONDS = env.number("WEB_HEADER_SECONDS", default=10, minimum=1)
WEB_BODY_SECONDS = env.number("WEB_BODY_SECONDS", default=60, minimum=1)
WEB_CONNECTIONS = env.number("WEB_CONNECTIONS", default=1000, minimum=50, maximum=20_000)
WEB_MEMORY_MB = env.number("WEB_MEMORY_MB", default=2048)
WEB_THREADS = 16
PUBLIC_BASE_URL = env.url(
    "PUBLIC_BASE_URL", ("http", "https"), default=f"http://{host_and_port(HOST, PORT)}"
).rstrip("/")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.text("SECRET_KEY", default=read_file(DATA_DIR, "secret-key"))
ENCRYPTION_KEYS = env.fernet_keys("ENCRYPTION_KEYS", default=read_file(DATA_DIR, "encryption-keys"))
if not SECRET_KEY or not ENCRYPTION_KEYS:
    missing = "ENCRYPTION_KEYS" if SECRET_KEY else "SECRET_KEY"
    raise SettingError(
        missing, f"is not set and {DATA_DIR} has none; `make up` creates one at its first start"
    )
ALLOWED_HOSTS = allowed_hosts(env, HOST, PUBLIC_BASE_URL)
HTTPS = PUBLIC_BASE_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [origin(PUBLIC_BASE_URL)]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT")
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics"]  # probes come to the port itself, without TLS
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", default=0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
X_FRAME_OPTIONS = "DENY"
# Two instances on one host share cookies across ports: each gets names of its own.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"platform_session_{PORT}", f"platform_csrf_{PORT}"

INSTALLED_APPS = [
    "platform_site",  # first: its templates go before unfold's
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "ninja",
    "common",
    "tenants",
    "notifications",
    "scheduling",
]
MIDDLEWARE = [
    "common.logs.RequestTrace",
    "django.middleware.security.SecurityMiddleware",
    "platform_site.pages.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "common.rest.middleware.ProblemMiddleware",
    "tenants.admin.reader_zone.ReaderZoneMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "platform_site.web.urls"
WSGI_APPLICATION = "platform_site.web.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database(env.database_url(f"sqlite:///{DATA_DIR / 'platform.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL, LOGIN_REDIRECT_URL = reverse_lazy("admin:login"), reverse_lazy("admin:index")

LANGUAGE_CODE = env.choice("PLATFORM_LANGUAGE", ("ZH-HANS", "EN"), default="ZH-HANS").lower()
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "platform_site.config.formats"
USE_I18N = USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = env.text("STATIC_ROOT") or None  # an image runs collectstatic, a checkout need not
WHITENOISE_USE_FINDERS = STATIC_ROOT is None

REDIS_EMBEDDED = not env.text("REDIS_URL")  # `make up` starts one and keeps its address in the data dir
REDIS_URL = env.url(
    "REDIS_URL", ("redis", "rediss"), default=read_file(DATA_DIR, "redis-url") or "redis://127.0.0.1:6379/0"
)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis, however long it is away
# Without these timeouts a frozen Redis hangs a publish forever. No retry_* options here: they silently switch
# kombu's batch publishing off.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "visibility_timeout": 3600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "io"
CELERY_TASK_ROUTES = {"notifications.*": {"queue": "notify"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
SOFT_SHUTDOWN_SECONDS = env.number("SOFT_SHUTDOWN_SECONDS", default=8)
CELERY_DB_REUSE_MAX = (
    1000  # else Celery closes the connection around each task; ours reconnect (common/framework/mysql/)
)
CELERY_TIMEZONE, CELERY_ENABLE_UTC = "UTC", True
CELERY_BEAT_SCHEDULER = "scheduling.beat.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = {
    gettext_noop("close deliveries left open by a dead worker"): {
        "task": "notifications.sweep",
        "schedule": schedule(5.0),
        "options": {"expires": 10},
    },
    gettext_noop("delete runs that are older than their task keeps them"): {
        "task": "scheduling.prune",
        "schedule": crontab(hour="19", minute="40"),  # UTC: at night where most tasks are
    },
    gettext_noop("count the runs of the days that are over"): {
        "task": "scheduling.count_days",
        "schedule": crontab(minute="10"),
    },
    gettext_noop("tell of calendars whose next year is not known"): {
        "task": "scheduling.tell_missing_calendars",
        "schedule": crontab(minute="20"),
    },
}
DJANGO_CELERY_BEAT_TZ_AWARE = True

OUTBOUND_ALLOWED_NETWORKS = env.networks("OUTBOUND_ALLOWED_NETWORKS")
OUTBOUND_PROXY_URL = env.url("OUTBOUND_PROXY_URL", ("http",))
# Schemes of apprise's addresses that a channel may have; each is another library that reads what tenants write.
APPRISE_SCHEMES = frozenset(env.words("APPRISE_SCHEMES", default="slack,tgram,bark,discord,ntfy,mailtos"))
ALERT_SILENCE_SECONDS = env.number("ALERT_SILENCE_SECONDS", default=600)
PLATFORM_ALERT_WEBHOOK = env.url("PLATFORM_ALERT_WEBHOOK", ("http", "https"))
PLATFORM_HEARTBEAT_URL = env.url("PLATFORM_HEARTBEAT_URL", ("http", "https"))
AI_BASE_URL = env.url("AI_BASE_URL", ("http", "https"))
AI_API_KEY = env.text("AI_API_KEY")
AI_MODELS = env.pairs("AI_MODELS")  # a script's name for a model -> the endpoint's
IO_SLOTS = env.number("IO_SLOTS", default=200, minimum=1, maximum=1000)
IO_MEMORY_MB = env.number("IO_MEMORY_MB", default=4096)
NOTIFY_SLOTS = env.number("NOTIFY_SLOTS", default=16, minimum=2, maximum=256)
SCRIPT_SLOTS = env.number("SCRIPT_SLOTS", default=4, minimum=1, maximum=256)
SCRIPT_MAX_MEMORY_MB = env.number("SCRIPT_MAX_MEMORY_MB", default=4096, minimum=16, maximum=65_536)
SCRIPT_MAX_CPU_SECONDS = env.number("SCRIPT_MAX_CPU_SECONDS", default=3600, minimum=1, maximum=86_400)
TASK_MAX_TIMEOUT_SECONDS = env.number("TASK_MAX_TIMEOUT_SECONDS", default=86_400, minimum=1, maximum=86_400)
SCRIPT_NETWORK = env.choice("SCRIPT_NETWORK", ("GUARDED", "OFF"), default="guarded").lower()
SCRIPT_PORTS = env.ports("SCRIPT_PORTS", default="80,443")  # open at public addresses
SCRIPT_NETWORK_MB = env.number("SCRIPT_NETWORK_MB", default=200, minimum=1, maximum=1_000_000)
SCRIPT_INDEX_URL = env.url("SCRIPT_INDEX_URL", ("http", "https", "file"))  # "": uv's own default
SCRIPT_DEPS_ALLOW = env.words("SCRIPT_DEPS_ALLOW")  # empty: every package
SCRIPT_DEPS_DENY = env.words("SCRIPT_DEPS_DENY")
SCRIPT_ENVS_DIR = BASE_DIR / env.text("SCRIPT_ENVS_DIR", default=str(DATA_DIR / "script-envs"))
SCRIPT_ENVS_MAX_MB = env.number("SCRIPT_ENVS_MAX_MB", default=5120, minimum=64)
SANDBOX_MIN_LEVEL = env.number("SANDBOX_MIN_LEVEL", default=1, minimum=1, maximum=3)
SANDBOX_UNSAFE = env.flag("SANDBOX_UNSAFE")
# The limits of a tenant whose row sets none of its own.
TENANT_MAX_RUNNING = env.number("TENANT_MAX_RUNNING", default=1000, minimum=1)
TENANT_MAX_TASKS = env.number("TENANT_MAX_TASKS", default=10_000, minimum=1)
MAX_SCRIPT_VARS = env.number(
    "MAX_SCRIPT_VARS", default=10_000, minimum=1
)  # per tenant, its tasks' own variables included
MAX_SECRETS = env.number(
    "MAX_SECRETS", default=200, minimum=1
)  # per tenant; each of its runs masks all of them
MAX_TENANT_CONFIGS = env.number("MAX_TENANT_CONFIGS", default=1000, minimum=1)  # per tenant
MAX_SECRET_BYTES = env.number("MAX_SECRET_BYTES", default=16_384, minimum=64, maximum=65_536)
KEEP_RUNS_DAYS = env.number("KEEP_RUNS_DAYS", default=90, minimum=1, maximum=36500)
LOGIN_ATTEMPTS = env.number("LOGIN_ATTEMPTS", default=10, minimum=1)
LOGIN_ATTEMPTS_SECONDS = env.number("LOGIN_ATTEMPTS_SECONDS", default=900, minimum=1, maximum=86_400)
WRONG_TOKENS_PER_MINUTE = env.number("WRONG_TOKENS_PER_MINUTE", default=60, minimum=1)
HOOK_CALLS_PER_MINUTE = env.number("HOOK_CALLS_PER_MINUTE", default=60, minimum=1)
METRICS_TOKEN = env.text("METRICS_TOKEN")
ADMIN_PASSWORD = env.text("ADMIN_PASSWORD")  # of the first superuser, where there is no user yet
FLOWER_URL = env.url("FLOWER_URL", ("http", "https"))
# Beat and workers touch this file; a container's health check looks at its time.
ALIVE_FILE = env.text("ALIVE_FILE")

# Names of the first old system's settings. They fill the default Dify task and the numbers of /api/config.
DIFY_API_URL = env.url("DIFY_API_URL", ("http", "https"))
DIFY_API_KEY = env.text("DIFY_API_KEY")
DIFY_API_TIMEOUT = env.number("DIFY_API_TIMEOUT", default=1260, minimum=1)
DIFY_CONCURRENT_RUNS = env.number("DIFY_CONCURRENT_RUNS", default=10, minimum=1)  # per app, over all workers
DIFY_USER_IDENTIFIER = env.text("DIFY_USER_IDENTIFIER", default="wechat-job-system")
LOGS_PER_PAGE_DEFAULT = env.number("LOGS_PER_PAGE_DEFAULT", default=10, minimum=1)
LOGS_PER_PAGE_MAX = env.number("LOGS_PER_PAGE_MAX", default=50, minimum=1)
AUTO_REFRESH_INTERVAL_SECONDS = env.number("AUTO_REFRESH_INTERVAL_SECONDS", default=30, minimum=1)
NEAR_EXECUTION_REFRESH_SECONDS = env.number("NEAR_EXECUTION_REFRESH_SECONDS", default=5, minimum=1)

LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
WEB_ACCESS_LOG = env.flag("WEB_ACCESS_LOG")
LOG_FORMAT = env.choice("LOG_FORMAT", ("LINE", "JSON"), default="LINE")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "LINE": {
            "()": "common.logs.TextLines",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "JSON": {"()": "common.logs.JsonLines"},
    },
    "filters": {"refusals": {"()": "common.logs.RefusalsInOneLine"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["refusals"]}
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "celery": {"level": "INFO" if LOG_LEVEL == "DEBUG" else "WARNING"},  # two lines for each message
        "flower.inspector": {"level": "ERROR"},  # warns of every worker that is still starting
    },
}
logging.captureWarnings(True)
# OpenTelemetry's SDK reads this variable, too.
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"))
if OTEL_EXPORTER_OTLP_ENDPOINT and find_spec("opentelemetry") is None:
    raise SettingError("OTEL_EXPORTER_OTLP_ENDPOINT", "needs OpenTelemetry: install requirements/otel.txt")
UNFOLD = ADMIN_LOOK
# Only unfold's search caches: for five minutes it would show what a run was, in the language of that time.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
SILENCED_SYSTEM_CHECKS: list[str] = []
