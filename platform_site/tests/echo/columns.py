"""The columns of an echo task."""

from __future__ import annotations

from django.db import models


class EchoColumns(models.Model):
    # What a run returns. "" for none.
    echo_text = models.TextField("text", blank=True, default="")

    class Meta:
        abstract = True
