"""The only parser of markdown that users write: CommonMark's blocks and pairs, the chats' own tags, no HTML.

Only marks that this parser has paired are marks. Everything else is plain text, which every writer leaves unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline, backtick, image, link
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

MAX_CHARACTERS = 64_000  # more than the parts of the longest message hold; the rest of a text is not parsed
MAX_TABLE_TOKENS = 40_000  # a limit, because short rows are filled up to the width of their head
MAX_NESTING = 20

FONT = re.compile(r"<font(?:[ \t]+color=[\"']?(#?\w{1,12})[\"']?)?(?:[ \t][^<>\n]{0,100})?>", re.IGNORECASE)
FONT_END = "</font>"
MENTION = re.compile(
    r"<@(?P<user>[\w.@-]{1,64})>|<at (?:user_)?id=(?P<quote>[\"']?)(?P<id>[\w-]{1,64})(?P=quote)></at>"
)
ADDRESS = re.compile(r"://(?:(?!\*\*)[^\s()<>\[\]\"`]){1,2048}")
SCHEME = re.compile(r"https?")
NAME = re.compile(r"@[\w.-]{1,64}")
WORD = re.compile(f"https?{ADDRESS.pattern}|{NAME.pattern}")

InlineRule = Callable[[StateInline, bool], bool]


def block_tokens(text: str) -> list[Token]:
    """Return the tokens of the first MAX_CHARACTERS of a text.

    The children of "inline" may also be "font_open" and "font_close" (meta "colour"), "mention" (content: who), and
    "word" (an address or a name, never to be cut in two). Tokens that are not pairs of equal marks have their source
    in `meta["source"]`.
    """
    return PARSER.parse(text[:MAX_CHARACTERS])


def is_web_address(address: str) -> bool:
    return address.startswith(("http://", "https://"))


class _Parser(MarkdownIt):
    """Keeps addresses as they are written, and accepts only web addresses."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        return is_web_address(url)

    def normalizeLink(self, url: str) -> str:  # noqa: N802  the library's name
        return url


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Read a run of `*`, the only mark of emphasis, of one to three.

    It marks nothing where it hides digits (138****5678), multiplies (2*3) or stands inside a word.
    """
    start = state.pos
    if silent or state.src[start] != "*":
        return False
    end = start
    while end < state.posMax and state.src[end] == "*":
        end += 1
    state.pos = end
    length = end - start
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    if length > 3 or _is_inside(str.isdigit if length > 1 else str.isalnum, before, after):
        state.append_pending("*" * length)
        return True
    for _ in range(length):
        state.push("text", "", 0).content = "*"
        state.delimiters.append(
            Delimiter(
                ord("*"), length, len(state.tokens) - 1, -1, _opens(before, after), _opens(after, before)
            )
        )
    return True


def _is_inside(kind: Callable[[str], bool], before: str, after: str) -> bool:
    return kind(before) and kind(after)


def _opens(outside: str, inside: str) -> bool:
    """Return whether a mark can open here: CommonMark's flanking, but a wide (Chinese) character counts as a space."""
    if isWhiteSpace(ord(inside)):
        return False
    is_apart = isWhiteSpace(ord(outside)) or _is_punctuation(outside) or _is_wide(outside)
    return is_apart or not _is_punctuation(inside)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _newline(state: StateInline, silent: bool) -> bool:
    """Read a line end. Each one is a break, because chats show it; the next line's indentation is dropped."""
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("softbreak", "br", 0).meta["source"] = "\n"
    state.pos += 1
    while state.pos < state.posMax and state.src[state.pos] in " \t":
        state.pos += 1
    return True


def _font(state: StateInline, silent: bool) -> bool:
    """Read `<font color="info">…</font>` where it is not inside another one."""
    found = FONT.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if not found or state.env.get("is_in_font") or state.html_terminator_last(FONT_END) < found.end():
        return False
    end = state.src.find(FONT_END, found.end(), state.posMax)
    if end < 0:
        return False
    if not silent:
        _push_font(state, found, end)
    state.pos = end + len(FONT_END)
    return True


def _push_font(state: StateInline, found: re.Match[str], end: int) -> None:
    token = state.push("font_open", "font", 1)
    token.meta |= {"source": found[0], "colour": found[1] or ""}
    limit, state.pos, state.posMax = state.posMax, found.end(), end
    state.env["is_in_font"] = True
    state.md.inline.tokenize(state)
    state.env["is_in_font"] = False
    state.posMax = limit
    state.push("font_close", "font", -1).meta["source"] = FONT_END


def _mention(state: StateInline, silent: bool) -> bool:
    found = MENTION.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "<" else None
    if not found:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content = found["user"] or found["id"]
        token.meta["source"] = found[0]
    state.pos = found.end()
    return True


def _word(state: StateInline, silent: bool) -> bool:
    """Read a bare address, or the name after an @, so that no mark begins in it."""
    before = ""
    if state.src[state.pos] == ":":
        found = ADDRESS.match(state.src, state.pos, state.posMax)
        scheme = SCHEME.search(state.src[max(0, state.pos - 5) : state.pos])
        before = scheme[0] if scheme else ""
        if not before or not (silent or state.pending.endswith(before)):
            return False
    else:
        found = NAME.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    if not silent:
        state.pending = state.pending.removesuffix(before)
        state.push("word", "", 0).meta["source"] = before + found[0]
    state.pos = found.end()
    return True


def _with_source(rule: InlineRule) -> InlineRule:
    """Add their source to the tokens of a library's rule; to a link's end, what follows its label."""

    def sourced(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        if (
            not silent
            and len(state.tokens) > count
            and state.tokens[-1].type in ("code_inline", "image", "link_close")
        ):
            from_ = start
            if state.tokens[-1].type == "link_close":
                from_ = state.md.helpers.parseLinkLabel(state, start, True)
            state.tokens[-1].meta["source"] = state.src[from_ : state.pos]
        return True

    return sourced


def _ends_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """End a quote before a line without its mark, and a table before a line without a bar, as chats do."""
    if not silent:
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    is_row = "|" in line and len(state.tokens) < MAX_TABLE_TOKENS
    return state.parentType == "blockquote" or (state.parentType == "table" and not is_row)


def _make_parser() -> MarkdownIt:
    parser = _Parser("zero", {"maxNesting": MAX_NESTING, "html": False})
    parser.enable(["table", "fence", "blockquote", "hr", "list", "heading"])
    parser.enable(["newline", "escape", "backticks", "emphasis", "link", "image"])
    parser.disable("text_join")
    parser.block.ruler.before("paragraph", "ends_block", _ends_block, {"alt": ["blockquote"]})
    inline = parser.inline.ruler
    inline.at("newline", _newline)
    inline.at("emphasis", _emphasis)
    for name, rule in (("backticks", backtick), ("link", link), ("image", image)):
        inline.at(name, _with_source(rule))
    inline.after("text", "word", _word)
    inline.before("link", "mention", _mention)
    inline.before("link", "font", _font)
    return parser


PARSER = _make_parser()
