"""Secrets recognized by their shape, even where their value is not known."""

import re
from collections.abc import Callable, Iterator

from .urls import MASK, mask_value

# Keys of Dify and of the AI endpoints, and the platform's own API tokens and hooks.
_KEY_SHAPE = re.compile(r"\b(app-|sk-|ptk_|hook_)([A-Za-z0-9_-]{16,})")
_BEARER = re.compile(r"\b(Bearer\s+)([A-Za-z0-9._~+/-]{8,}=*)", re.IGNORECASE)
# The robots of DingTalk and WeCom, and the signed files of Dify and of the object stores.
_QUERY_SECRET = re.compile(
    r"""([?&](?:access_token|sign|signature|x-amz-signature|x-amz-credential|x-oss-signature|token|sig)=)"""
    r"""([^&\s"'<>\\)\]]+)""",
    re.IGNORECASE,
)
_WECOM_ROBOT = re.compile(r"""(/cgi-bin/webhook/\w{1,40}\?(?:[^\s"'<>]{0,400}&)?key=)([^&\s"'<>\\)\]]+)""")
_HOOK_ID = re.compile(r"""(/open-apis/bot/(?:v2/)?hook/)([\w-]+)""")
# In JSON, in JSON inside JSON, and in a dict as Python prints it. A tenant's user name doesn't belong in a log.
_DIFY_USER = re.compile(
    r"""((?:\\{0,7}["'])sys\.user_id(?:\\{0,7}["'])\s{0,9}:\s{0,9}\\{0,7}["'])([^"'\\]+)"""
)

# Every repetition above that is followed by something is bounded, so that hostile text is masked in linear time.
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_KEY_SHAPE, mask_value),
    (_BEARER, mask_value),
    (_QUERY_SECRET, mask_value),
    (_WECOM_ROBOT, mask_value),
    (_HOOK_ID, mask_value),
    (_DIFY_USER, lambda value: MASK),
)


# A link that Dify itself signs for some minutes: …/files/<id>/file-preview?timestamp=…&nonce=…&sign=…
_SIGNED_FILE = re.compile(
    r"""(?<=[?&])timestamp=\d{1,20}&nonce=[\w-]{1,100}&sign=[^&\s"'<>\\)\]]{1,300}""",
)


def mask_shapes_but_files(text: str) -> str:
    """Mask a text that is sent to readers, except the links that Dify has signed.

    Its readers need these links, and they are no secret of the platform.
    """
    pieces, end = [], 0
    for found in _SIGNED_FILE.finditer(text):
        pieces += [mask_shapes(text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*pieces, mask_shapes(text[end:])])


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each secret of a known shape, including the text by which it is recognized."""
    for pattern, _ in _SHAPES:
        for found in pattern.finditer(text):
            yield found.span()


def mask_shapes(text: str) -> str:
    for pattern, mask in _SHAPES:
        text = pattern.sub(lambda found, mask=mask: found[1] + mask(found[2]), text)  # type: ignore[misc]
    return text
