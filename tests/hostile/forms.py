"""A page's form as a browser would send it back."""

from __future__ import annotations

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.unticked: set[str] = set()
        self.text = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and name:
            self._input(name, given, value)
        elif tag == "textarea":
            self.text = name
        elif tag == "select":
            self.select = name
            self.found.setdefault(name, "")
        elif tag == "option" and self.select and "selected" in given:
            self.found[self.select] = value

    def _input(self, name: str, given: dict[str, str | None], value: str) -> None:
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            self.unticked.add(name)
        elif given.get("type") not in ("submit", "button"):
            self.found[name] = value

    def handle_data(self, data: str) -> None:
        if self.text:
            self.found[self.text] = self.found.get(self.text, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.text = ""
        elif tag == "select":
            self.select = ""


def fields_of(page: str) -> tuple[dict[str, str], set[str]]:
    """Return what would be sent, and the names of boxes that are not ticked."""
    reader = _Fields()
    reader.feed(page)
    return {name: value for name, value in reader.found.items() if name}, reader.unticked
