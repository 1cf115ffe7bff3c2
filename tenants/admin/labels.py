"""Coloured labels, as unfold draws them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

Colour = Literal["success", "danger", "warning", "info", "default"]


def label(text: Any, colour: Colour) -> SafeString:
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def as_json(value: Any) -> str:
    if value in (None, {}, []):
        return ""
    return format_html('<pre class="code">{}</pre>', json.dumps(value, ensure_ascii=False, indent=2))


def moment(at: datetime | None) -> str:
    """To the second: minutes alone can't tell two runs apart."""
    return formats.date_format(timezone.localtime(at), "Y-m-d H:i:s") if at else ""
