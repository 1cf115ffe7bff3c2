"""An INSERT that names the columns of the system before, and no others, is taken."""

from __future__ import annotations

from django.db import migrations

from common.framework.table_defaults import GiveDefaults, UtcNow


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_sealed_messages")]

    operations = [
        GiveDefaults(
            "notifychannel",
            {
                "is_enabled": True,
                "proxy_url": "",
                "max_attempts": 4,
                "last_error": "",
                "created_at": UtcNow(),
                "updated_at": UtcNow(),
                "sign_secret": "",
                "description": "",
            },
        ),
        GiveDefaults(
            "wecomapp",
            {
                "is_enabled": True,
                "proxy_url": "",
                "max_attempts": 4,
                "last_error": "",
                "created_at": UtcNow(),
                "updated_at": UtcNow(),
                "api_base": "https://qyapi.weixin.qq.com",
                "to_user": "",
                "to_party": "",
                "to_tag": "",
            },
        ),
    ]
