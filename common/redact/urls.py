"""URLs that hold their own password: robots, hooks, signed files."""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

MASK = "***"

_TELLS_ITS_END = 12  # characters
_MASKED = re.compile(r"\*{3}.{0,4}")  # masking twice must not hide what masking once shows
# With other schemes the host may be the token: slack://T…/B…/<token>, tgram://<token>/<chat>.
_WITH_A_HOST = frozenset({"", "http", "https", "socks5", "socks5h", "redis", "rediss", "mysql"})
# Feishu /open-apis/bot/v2/hook/<id>, Discord /api/webhooks/<n>/<token>, Slack /services/T…/B…/<token>,
# our own /api/hooks/<token>.
_HOOK_SEGMENT = re.compile(r"(?<=/)(hooks?|webhooks?|services)/(.+)", re.IGNORECASE)


def mask_url(url: str) -> str:
    """Mask the secrets in a URL: `https://oapi.dingtalk.com/robot/send?access_token=***ab12`.

    Host, path and parameter names stay readable; of each secret at most the last four characters do. A text that is no
    URL is masked whole.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    if not parts.netloc:
        return MASK if url else ""
    if parts.scheme not in _WITH_A_HOST:
        return f"{parts.scheme}://{MASK}"
    host = parts.netloc.rpartition("@")
    netloc = f"{MASK}@{host[2]}" if host[1] else parts.netloc
    path = _HOOK_SEGMENT.sub(lambda found: f"{found[1]}/{_mask_segments(found[2])}", parts.path)
    query = "&".join(_mask_pair(pair) for pair in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, path, query, MASK if parts.fragment else ""))


def secrets_in(url: str) -> list[str]:
    """Return the pieces of a URL that `mask_url` hides: a service may repeat a part of its address.

    Short pieces are left out, except for the password: a text in which `?type=report` hides every "report" is of no
    use.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return [url]
    login, _, _ = parts.netloc.rpartition("@")
    hooks = [segment for found in _HOOK_SEGMENT.finditer(parts.path) for segment in found[2].split("/")]
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    values = [value or name for name, _, value in pairs]
    long = [piece for piece in (*hooks, *values, parts.fragment) if len(piece) >= _TELLS_ITS_END]
    return [text for piece in (login.partition(":")[2], *long) if piece for text in {piece, unquote(piece)}]


def mask_value(value: str) -> str:
    """Mask a value, except for the last four characters of a long one.

    They distinguish two keys; of a short value they would reveal half.
    """
    if not value or _MASKED.fullmatch(value):
        return value
    return MASK + value[-4:] if len(value) >= _TELLS_ITS_END else MASK


def _mask_segments(path: str) -> str:
    # WeCom's /cgi-bin/webhook/send?key= names its call, not its key, after "webhook".
    return "/".join("send" if segment == "send" else mask_value(segment) for segment in path.split("/"))


def _mask_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    # A lone word is a value as well: https://host/?s3cret
    return f"{name}={mask_value(value)}" if equals else mask_value(name)
