"""Buttons that change something, such as "run now" and "send test". They POST; unfold's own row actions are GET links.

A page has one empty form. Each button names it and the act's address (`form`, `formaction`), because a list is itself
a form and forms cannot be nested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from tenants.models import Role

Text = str | Promise


def for_every_row(row: Any) -> bool:
    return True


@dataclass(frozen=True)
class Act:
    """Something a user can do with a row. `offered` decides for which rows; `confirm` is asked before it is done.

    `on_page`: its button is above the row's form; otherwise it is on a page of its own. `folded`: on a page that has a
    menu of further acts, it stands there. The admin class has a method `act_<name>(request, row)`, which may return a
    response of its own.
    """

    name: str
    label: Text
    icon: str
    role: Role = Role.OPERATOR
    offered: Callable[[Any], bool] = for_every_row
    confirm: Text = ""
    in_list: bool = False
    on_page: bool = True
    folded: bool = False


@dataclass(frozen=True)
class Offer:
    """An act for one row, as a template shows it."""

    url: str
    label: Text
    icon: str
    confirm: Text
    folded: bool = False


@dataclass(frozen=True)
class Link:
    """A link to another page of the row, beside its acts."""

    url: str
    label: Text
    icon: str
