"""The admin's pages of channels and deliveries. Each module registers its own pages."""

from notifications.admin import channels, deliveries, wecom_apps

__all__ = ["channels", "deliveries", "wecom_apps"]
