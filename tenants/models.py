"""Tenants and their members, secrets, tokens and the audit log: who may see and do what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, KeyField
from common.framework.table_defaults import UtcNow, in_database
from common.ruled import Ruled
from common.rules import CODE, MOMENT, NAME, WEB, Range, Text, word_rule
from tenants import limits
from tenants.secret_names import is_secret_name

TENANT_LIMIT = Range(0, 1_000_000)
MAX_VALUE = 65_536  # characters; the operator may set a lower limit in bytes


@in_database(created_at=UtcNow(), updated_at=UtcNow())
class Tenant(Ruled):
    code = models.CharField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=100)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    max_running = models.PositiveIntegerField(
        _("runs at once"), null=True, blank=True, help_text=_("Leave empty to use the platform's setting.")
    )
    max_tasks = models.PositiveIntegerField(
        _("maximum tasks"), null=True, blank=True, help_text=_("Leave empty to use the platform's setting.")
    )
    alert_webhook = EncryptedTextField(
        _("alert address"),
        blank=True,
        default="",
        help_text=_("Receives the alerts about channels and about the tenant."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {
        "code": CODE,
        "name": NAME,
        "max_running": TENANT_LIMIT,
        "max_tasks": TENANT_LIMIT,
        "alert_webhook": WEB,
    }

    class Meta:
        db_table = "platform_tenants"
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("tenant"), _("tenants")

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def running_limit(self) -> int:
        return settings.TENANT_MAX_RUNNING if self.max_running is None else self.max_running

    @property
    def task_limit(self) -> int:
        return settings.TENANT_MAX_TASKS if self.max_tasks is None else self.max_tasks

    def clean(self) -> None:
        """Validate a new tenant. Raises ValidationError for a code that MySQL would take for another tenant's."""
        if (
            self._state.adding
            and Tenant.objects.filter(code__iexact=self.code).exclude(code=self.code).exists()
        ):
            raise ValidationError({"code": _("A tenant whose code differs only in case already exists.")})


class Role(models.TextChoices):
    VIEWER = "viewer", _("viewer")
    OPERATOR = "operator", _("operator")
    ADMIN = "admin", _("administrator")


class TenantMember(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        related_name="members",
        verbose_name=_("tenant"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        db_table = "platform_tenant_members"
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="one_role_per_tenant")]
        verbose_name, verbose_name_plural = _("member"), _("members")

    def __str__(self) -> str:
        return f"{self.user} · {self.tenant_id}"


@in_database(is_secret=True)
class TenantConfig(Ruled):
    """A value that a tenant's scripts read by application and key."""

    tenant = models.ForeignKey(
        Tenant, models.CASCADE, to_field="code", db_column="tenant_id", verbose_name=_("tenant")
    )
    app_code = KeyField(_("application"), max_length=50)
    config_key = KeyField(_("key"), max_length=100)
    value = EncryptedTextField(_("value"), blank=True, default="")
    # None until it is saved: then the key's name decides.
    is_secret = models.BooleanField(_("secret"))

    rules = {"app_code": word_rule(50), "config_key": word_rule(100), "value": Text(MAX_VALUE)}

    class Meta:
        db_table = "platform_tenant_configs"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "app_code", "config_key"], name="one_value_per_config_key"
            )
        ]
        verbose_name, verbose_name_plural = _("tenant setting"), _("tenant settings")

    def __str__(self) -> str:
        return f"{self.tenant_id} · {self.app_code}.{self.config_key}"

    def clean(self) -> None:
        """Validate against the tenant's limits. Raises ValidationError where there is no room for the value."""
        beside = TenantConfig.objects.filter(tenant_id=self.tenant_id)
        limits.require_room(self, beside, settings.MAX_TENANT_CONFIGS)
        limits.require_short(self, beside)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self._settle()
        super().clean_fields(exclude)

    def save(self, **options: Any) -> None:
        self._settle()
        super().save(**options)

    def _settle(self) -> None:
        if cast("bool | None", self.is_secret) is None:
            self.is_secret = is_secret_name(self.config_key)


@in_database(created_at=UtcNow(), updated_at=UtcNow())
class Secret(Ruled):
    """A value that scripts read with `get_secret`; without a tenant it is global."""

    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        verbose_name=_("tenant"),
    )
    secret_key = KeyField(_("key"), max_length=100)
    value = EncryptedTextField(_("value"))
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("A global secret that every tenant's scripts may read.")
    )
    description = models.CharField(_("description"), max_length=255, blank=True, default="")
    # NULL only in rows written by a process of the release before this one, while such a process still runs.
    scope_key = KeyField(  # type: ignore[misc]
        max_length=170,
        unique=True,
        null=True,
        editable=False,
        help_text="<tenant's code>:<key>: unique also where the tenant is NULL.",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {"secret_key": word_rule(100), "value": Text(MAX_VALUE, 1), "description": Text(255)}

    class Meta:
        db_table = "platform_secrets"
        verbose_name, verbose_name_plural = _("secret"), _("secrets")

    def __str__(self) -> str:
        return self.secret_key

    def clean(self) -> None:
        """Validate against the tenant's limits. Raises ValidationError where there is no room for the value."""
        beside = Secret.objects.filter(tenant=self.tenant)
        limits.require_room(self, beside, settings.MAX_SECRETS)
        limits.require_short(self, beside)

    def column_problems(self, columns: Set[str]) -> Iterator[tuple[str, str]]:
        yield from super().column_problems(columns)
        if "is_shared" in columns and self.is_shared and self.tenant_id is not None:
            yield "is_shared", str(_("Only a global secret can be shared."))

    def save(self, **options: Any) -> None:
        self.scope_key = secret_scope(self.tenant_id, self.secret_key)
        if names := options.get("update_fields"):
            options["update_fields"] = {*names, "scope_key"}
        super().save(**options)


def secret_scope(tenant_id: str | None, secret_key: str) -> str:
    return f"{tenant_id or ''}:{secret_key}"


class ApiToken(Ruled):
    """A bearer token, of which only the hash is kept. Tenant and role restrict what its user may do."""

    name = models.CharField(_("name"), max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    prefix = models.CharField(_("begins with"), max_length=12)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        verbose_name=_("tenant"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, blank=True, default="")
    made_by = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="made",
        verbose_name=_("made by"),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    rules = {"name": NAME, "expires_at": MOMENT}

    class Meta:
        db_table = "platform_api_tokens"
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("API token"), _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def column_problems(self, columns: Set[str]) -> Iterator[tuple[str, str]]:
        yield from super().column_problems(columns)
        if "expires_at" in columns and self.expires_at is not None and self.expires_at <= timezone.now():
            yield "expires_at", str(_("This time has already passed: choose a later one."))


class AuditEntry(models.Model):
    """One change: who made it, from where, and what it was. A row is never changed and never holds a secret's value."""

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    username = models.CharField(_("by"), max_length=150)
    token_prefix = models.CharField(_("token"), max_length=12, blank=True, default="")
    remote_addr = models.CharField(_("from address"), max_length=45, blank=True, default="")
    action = models.CharField(_("action"), max_length=30)
    object_type = models.CharField(_("kind"), max_length=50)
    object_id = models.CharField(_("id"), max_length=64)
    object_name = models.CharField(_("name"), max_length=255, blank=True, default="")
    tenant = models.ForeignKey(
        Tenant,
        models.DO_NOTHING,
        to_field="code",
        db_column="tenant_id",
        db_constraint=False,
        null=True,
        blank=True,
        verbose_name=_("tenant"),
    )
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        db_table = "platform_audit_log"
        ordering = ["-id"]
        indexes = [models.Index(fields=["object_type", "object_id", "id"], name="audit_of_object")]
        verbose_name, verbose_name_plural = _("audit entry"), _("audit log")

    def __str__(self) -> str:
        return f"{self.object_name or self.object_type} #{self.pk}"
