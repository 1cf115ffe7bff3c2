from typing import Any

from notifications.channel_types import CHANNEL_TYPES
from notifications.messages import read
from notifications.render import Page, Rendered

PAGE = Page("https://p.example/runs/42", "夜间任务")
NOWHERE = Page("", "夜间任务")
URL = "https://example.com/report"
PICTURE = "https://example.com/a.png"


def rendered(channel_type: str, result: Any, page: Page = PAGE) -> Rendered:
    message = read(result)
    assert message is not None
    return CHANNEL_TYPES[channel_type].render(message, page)


def only(channel_type: str, result: Any, page: Page = PAGE) -> Any:
    (payload,) = rendered(channel_type, result, page).payloads
    return payload


def codes(channel_type: str, result: Any, page: Page = PAGE) -> list[str]:
    return [note.code for note in rendered(channel_type, result, page).notes]


def links(count: int, **more: str) -> list[dict[str, str]]:
    return [{"title": f"标题{n}", "url": f"{URL}/{n}", "pic_url": PICTURE, **more} for n in range(count)]
