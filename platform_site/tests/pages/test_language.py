"""No English words on Chinese pages, but for names of things."""

from __future__ import annotations

from html.parser import HTMLParser

from django.test import Client

from testing.english import KNOWN, words
from testing.every_page import a_row_of_everything, every_page
from testing.world import World

VOID = {"input", "br", "hr", "img", "meta", "link", "col"}
SILENT = {"script", "style", "template", "pre", "textarea", "option"}


class Shown(HTMLParser):
    """The words that a reader gets to see; icons are words of their font."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: set[str] = set()
        self.silent = 0
        self.open: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name in ("placeholder", "title", "aria-label"):
            self.words |= words(given.get(name) or "")
        if tag not in VOID:
            hidden = tag in SILENT or "material-symbols" in (given.get("class") or "")
            self.open.append(hidden)
            self.silent += hidden

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words |= words(data)


def english_words(client: Client, address: str) -> set[str]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return Shown(answer.content.decode()).words


def test_chinese_pages_hold_no_english_words(world: World) -> None:
    a_row_of_everything(world)
    client = world.client("superuser", "zh-hans")
    pages = list(every_page(client.get("/admin/").wsgi_request, world))
    found = {address: english_words(client, address) - KNOWN for address in pages}
    assert {address: more for address, more in found.items() if more} == {}
