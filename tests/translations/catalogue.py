"""Reads, completes and compiles the catalogue."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.translations.sources import ROOT, Message

PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # a date of today would change the file each time


def read() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def completed(old: Catalog, messages: dict[Message, str]) -> Catalog:
    """Every message, with the translation there was; empty where there was none."""
    new = Catalog(locale="zh_Hans", project="task-platform", creation_date=LONG_AGO, revision_date=LONG_AGO)
    for message, path in messages.items():
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(message, known.string if known else "", locations=[(path, 0)])
    return new


def as_po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=False)
    return buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()
