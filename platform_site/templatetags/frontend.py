"""`{% frontend %}` in a page's head: a bundle of frontend/ with its texts and the addresses it calls."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext

from notifications.render.preview import STYLE_FILE
from platform_site.pages.csp import nonce
from platform_site.pages.frontend_texts import TEXTS

register = template.Library()
URLS = {"sdk": "api-1:sdk_docs", "check": "api-1:check_script", "trial": "api-1:test_script"}


@register.inclusion_tag("platform/frontend.html", takes_context=True)
def frontend(context: dict[str, Any], bundle: str = "bundle") -> dict[str, Any]:
    """Return the bundle's settings. `texts` are those that differ from the English, which the bundle has itself."""
    texts = {text: translated for text in TEXTS if (translated := gettext(text)) != text}
    urls = {name: reverse(view) for name, view in URLS.items()} | {"message": static(STYLE_FILE)}
    return {
        "script": f"platform/bundle/{bundle}.js",
        "settings": {"texts": texts, "urls": urls, "nonce": nonce(context["request"])},
    }
