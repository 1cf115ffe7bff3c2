"""The admin's pages of tenants, people and what they own. Each module registers its own pages."""

from tenants.admin import audit_log, secrets, tenants, tokens, users

__all__ = ["audit_log", "secrets", "tenants", "tokens", "users"]
