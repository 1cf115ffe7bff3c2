"""A real browser against a live server. `pytest tests/browser --docs-images` also takes the pictures of the docs.

The pictures need a font with Chinese characters, such as Debian's fonts-noto-cjk.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from testing.world import World
from testing.world import world as new_world

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1360, "height": 900}
PATIENCE_MS = 200_000  # with a busy machine, not a measure of speed
expect.set_options(timeout=PATIENCE_MS)

# (path, name of the user or "", language, more for the browser's context) -> the page, logged in
Open = Callable[..., Page]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--docs-images", action="store_true", help="write docs/images/*.png")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's chromium: the driver brings no browser of its own."""
    return {"executable_path": shutil.which("chromium") or "/usr/bin/chromium", "args": ARGUMENTS}


@pytest.fixture(scope="package", autouse=True)
def _orm_beside_the_browser() -> Iterator[None]:
    """Playwright's synchronous API runs an event loop in this thread, where Django suspects a mistake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def world(transactional_db: None) -> World:
    return new_world()


@pytest.fixture
def open_page(
    world: World, browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """A fault in a page's JavaScript fails the test, and so does what the Content-Security-Policy refuses."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def open_page(path: str, who: str = "admin", language: str = "en-US", **context: Any) -> Page:
        options = {"locale": language, "timezone_id": "Asia/Shanghai", "viewport": DESKTOP, **context}
        opened = browser.new_context(base_url=live_server.url, **options)
        request.addfinalizer(opened.close)
        opened.set_default_timeout(PATIENCE_MS)
        if who:
            session = world.client(who).cookies[settings.SESSION_COOKIE_NAME]
            opened.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
        page = opened.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", note)
        page.goto(path)
        return page

    yield open_page
    assert faults == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    def take(page: Page, name: str) -> None:
        if request.config.getoption("--docs-images"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")

    return take
