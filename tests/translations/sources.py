"""Finds the texts that the admin can show: in our code and templates, in unfold's and django-celery-beat's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("common", "tenants", "notifications", "scheduling", "platform_site")
THEIRS = ("unfold", "django_celery_beat")
NOT_INSTALLED = ("unfold/contrib/",)  # but for the filters
INSTALLED = ("unfold/contrib/filters/",)
# What unfold takes over from Django's admin is in Django's own catalogues.
TRANSLATED = ("django.conf", "django.contrib.admin", "django.contrib.auth", *THEIRS)
KEYWORDS = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURALS = {"ngettext", "ngettext_lazy"}
LITERAL = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(?:(n?)gettext|_)\({LITERAL}(?:, {LITERAL})?")

# A text, or (singular, plural).
Message = str | tuple[str, str]


def messages() -> dict[Message, str]:
    """Each text with a file that holds it, relative to what it was found under."""
    found: dict[Message, str] = {}
    for name in OURS:
        for path in _sources(ROOT / name):
            found |= _messages(ROOT, path)
    known = {text for package in TRANSLATED for text in _translated_in(package)}
    for name in THEIRS:
        package = _package(name)
        for path in filter(_counts, _sources(package)):
            theirs = _messages(package.parent, path)
            found |= {message: file for message, file in theirs.items() if _singular(message) not in known}
    return found


def _messages(base: Path, path: Path) -> dict[Message, str]:
    find = in_python if path.suffix == ".py" else in_template
    return dict.fromkeys(find(path.read_text("utf-8")), path.relative_to(base).as_posix())


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _translated_in(package: str) -> Iterator[str]:
    for path in _package(package).rglob("locale/zh_Hans/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            found = [(_singular(message.id), message.string) for message in read_mo(file)]
            yield from (text for text, translated in found if translated and translated != text)


def _singular(message: Any) -> str:
    return str(message if isinstance(message, str) else message[0])


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".html") and not {"tests", "migrations"} & {*path.parts}:
            yield path


def _counts(path: Path) -> bool:
    name = path.as_posix()
    return not any(part in name for part in NOT_INSTALLED) or any(part in name for part in INSTALLED)


def in_python(source: str) -> Iterator[Message]:
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        texts = [
            arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if name in PLURALS and len(texts) == 2:
            yield texts[0], texts[1]
        elif name in KEYWORDS and texts:
            yield texts[0]


def in_template(source: str) -> Iterator[Message]:
    """Django turns a template into calls of gettext, with no Python between them."""
    for many, first, second in CALL.findall(templatize(source)):
        one = ast.literal_eval(first)
        yield (one, ast.literal_eval(second)) if many else one
