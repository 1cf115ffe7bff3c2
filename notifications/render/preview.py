"""Rendered payloads as HTML that looks like the chat, with one bubble for each payload.

The HTML is safe to put on a page. Because its contents come from users, a page shows it in a frame without scripts all
the same, see notifications.admin.chat.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from notifications.markdown.parser import is_web_address

from .base import Payload
from .markdown_html import anchor, mentions, picture, to_html

STYLE_FILE = "notifications/message.css"  # among the static files
STYLE = (Path(__file__).parent.parent / "static" / STYLE_FILE).read_text()


def preview(payloads: Iterable[Payload]) -> str:
    """Return the payloads as HTML, which STYLE makes look like the chat."""
    bubbles = "".join(f'<div class="bubble">{_bubble(payload)}</div>' for payload in payloads)
    return f'<div class="chat">{bubbles}</div>'


def _bubble(payload: Payload) -> str:
    kind = payload.get("msgtype") or payload.get("msg_type") or ""
    if "body" in payload:  # apprise's
        return _title(payload["title"]) + to_html(payload["body"])
    write = BUBBLES.get(kind)
    if write is None:
        return f"<pre>{escape(json.dumps(payload, ensure_ascii=False, indent=2))}</pre>"
    body = payload.get(kind) or payload.get("content") or payload.get("card") or payload.get("attach") or {}
    return write(body) + _names(payload, kind)


def _names(payload: Payload, kind: str) -> str:
    """Return a line with the people whom the payload mentions outside its text, "" for none."""
    at, member = payload.get("at", {}), payload.get(kind, {})
    everyone = ["@all"] if at.get("isAtAll") else []
    lists = (member.get("mentioned_list", []), member.get("mentioned_mobile_list", []))
    names = everyone + [f"@{name.lstrip('@')}" for names in lists for name in names]
    return f'<p><span class="c-at">{escape(" ".join(names))}</span></p>' if names else ""


def _text(body: Mapping[str, Any]) -> str:
    """Return the HTML of a text, which is no markdown but may hold Feishu's mentions."""
    lines = (body.get("content") or body.get("text") or "").split("\n")
    return f"<p>{'<br>'.join(map(mentions, lines))}</p>"


def _markdown(body: Mapping[str, Any]) -> str:
    return to_html(body.get("text") or body.get("content") or "")


def _action_card(body: Mapping[str, Any]) -> str:
    single = [{"title": body["singleTitle"], "actionURL": body["singleURL"]}] if "singleTitle" in body else []
    buttons = single or body.get("btns", [])
    return to_html(body["text"]) + "".join(
        _button(button["title"], button["actionURL"]) for button in buttons
    )


def _feed_card(body: Mapping[str, Any]) -> str:
    return "".join(_article(link["title"], link["messageURL"], link["picURL"], "") for link in body["links"])


def _link(body: Mapping[str, Any]) -> str:
    return _article(body["title"], body["messageUrl"], body.get("picUrl", ""), body["text"])


def _news(body: Mapping[str, Any]) -> str:
    return "".join(
        _article(a["title"], a["url"], a.get("picurl", ""), a.get("description", ""))
        for a in body["articles"]
    )


def _template_card(body: Mapping[str, Any]) -> str:
    parts = [_picture(body.get("card_image", {}).get("url", "")), _title(body["main_title"].get("title", ""))]
    parts += [
        f"<p>{escape(item.get('desc') or item['title'])}</p>"
        for item in body.get("vertical_content_list", [])
    ]
    parts.append(f"<p>{escape(body['sub_title_text'])}</p>" if "sub_title_text" in body else "")
    parts += [_row(row["keyname"], row.get("value", "")) for row in body.get("horizontal_content_list", [])]
    parts += [_button(button["text"], button.get("url", "")) for button in body.get("button_list", [])]
    parts += [f"<p>{_anchor(jump['title'], jump['url'])}</p>" for jump in body.get("jump_list", [])]
    return "".join(parts)


def _image(body: Mapping[str, Any]) -> str:
    """Return the HTML of a picture, or of its size where that is all a record of what was sent has kept.

    Browsers tell PNG and JPEG apart by themselves.
    """
    if "url" in body:
        return _picture(body["url"])
    if body["base64"].startswith("<"):
        return f"<p>🖼 {escape(body['base64'])}</p>"
    return f'<img src="data:image/png;base64,{escape(body["base64"])}" alt="">'


def _file(body: Mapping[str, Any]) -> str:
    return f"<p>📎 {escape(body['name'])}</p>"


def _post(body: Mapping[str, Any]) -> str:
    post = next(iter(body["post"].values()))
    lines = ("".join(_element(element) for element in line) for line in post["content"])
    return _title(post.get("title", "")) + "".join(f"<p>{line}</p>" for line in lines)


def _element(element: Mapping[str, Any]) -> str:
    match element["tag"]:
        case "a":
            return _anchor(element["text"], element["href"])
        case "at":
            return f'<span class="c-at">@{escape(element["user_id"])}</span> '
    return escape(element.get("text", ""))


def _interactive(card: Mapping[str, Any]) -> str:
    return _title(card["header"]["title"]["content"]) + "".join(map(_card_element, card["body"]["elements"]))


def _card_element(element: Mapping[str, Any]) -> str:
    match element["tag"]:
        case "markdown":
            return to_html(element["content"])
        case "column_set":
            return "".join(
                _card_element(inner) for column in element["columns"] for inner in column["elements"]
            )
    return _button(element["text"]["content"], element["behaviors"][0]["default_url"])


BUBBLES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": _text,
    "markdown": _markdown,
    "markdown_v2": _markdown,
    "actionCard": _action_card,
    "feedCard": _feed_card,
    "link": _link,
    "news": _news,
    "template_card": _template_card,
    "image": _image,
    "file": _file,
    "post": _post,
    "interactive": _interactive,
}


def _title(text: str) -> str:
    return f'<div class="title">{escape(text)}</div>' if text else ""


def _row(name: str, value: str) -> str:
    return f'<p><span class="soft">{escape(name)}</span> {escape(value)}</p>'


def _article(title: str, url: str, picture: str, text: str) -> str:
    below = f'<p class="soft">{escape(text)}</p>' if text else ""
    return f"{_picture(picture)}<p><b>{_anchor(title, url)}</b></p>{below}"


def _picture(url: str) -> str:
    return picture(url) if is_web_address(url) else ""


def _anchor(text: str, url: str, css: str = "") -> str:
    """Return a link to a web address; for any other address, which no payload should hold, the text alone."""
    return anchor(url, escape(text), css) if is_web_address(url) else f"<span>{escape(text)}</span>"


def _button(text: str, url: str) -> str:
    return _anchor(text, url, "button")
