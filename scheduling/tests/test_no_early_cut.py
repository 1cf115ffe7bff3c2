"""Strangers' texts are cut where their secrets are known, see `Masker.cut`: not in the rooms they come through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from common.redact import MAX_UNCUT
from scheduling.worker.run_secrets import MAX_ERROR

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "common/http",
    "notifications/senders",
    "scheduling/clients",
    "scheduling/grants",
    "scheduling/kinds",
    "scheduling/worker",
    "sandbox/guest",
    "sandbox/host",
)
# Of lists and hashes, of what holds no secret, and of what is bounded far beyond what is shown of it.
OTHERS = {
    "f'{type(error).__name__}: {error}'.encode()[:4096]": "the jail's own words, before anything has run",
    "runs[:MAX_CANDIDATES]": "runs",
    "_CONNECTIONS[:len(connections)]": "descriptors",
    "found[:_MAX_PROBLEMS]": "problems",
    "found[:_MAX_ADDRESSES]": "addresses",
    "hashlib.sha256(text.encode()).hexdigest()[:32]": "a hash",
    "parts.scheme[:40]": "a scheme",
    "who[:500]": "names of receivers",
    "problem[3][:_MAX_WORDS]": "Python's words of what its author is told",
    "message[:1000]": "the same",
    "str(text)[:1000]": "the same",
    "line[:_MAX_LINE]": "a line of dependencies, to its author",
    "line[:100]": "the same",
    "str(wanted)[:100]": "the same",
    "str(error)[:_MAX_WORDS]": "the same",
    "answer.text[:MAX_UNCUT]": "a bound",
    "text(body, 'message')[:MAX_UNCUT]": "a bound",
    "str(words or '')[:MAX_UNCUT]": "a bound",
    "event.text[:max(0, MAX_UNCUT - len(self.text))]": "a bound",
    "error[:_MAX_ERROR]": "a bound",
    "error[:_MAX_ERROR_CHARACTERS // 2]": "a bound",
    "f'{type(error).__name__}: {error}'[:_MAX_WORDS]": "a bound",
    "(error.message or type(error).__name__)[:_MAX_WORDS]": "a bound",
    "text[:max_characters]": "who knows no secrets",
    "found[:max(0, self._room) + _MAX_PIECE]": "a line that passes a limit, kept whole",
    "error[:500]": "the jail's own words, before anything has run",
    "safe_text(str(error))[:200]": "our own words of a broken frame",
}


def cuts() -> Iterator[tuple[str, str]]:
    """Yield where a text or list is cut to a beginning, as Python writes it."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Subscript(slice=ast.Slice(lower=None, upper=ast.Constant(value=int(few)))) if (
                        few < 32
                    ):
                        pass  # too short to tell a secret
                    case ast.Subscript(slice=ast.Slice(lower=None, upper=ast.expr())):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node)


def test_no_room_cuts_what_may_hold_a_secret() -> None:
    known = {ast.unparse(ast.parse(cut, mode="eval").body) for cut in OTHERS}
    found = list(cuts())
    assert [one for one in found if one[1] not in known] == []
    assert known <= {text for _, text in found}, "no longer there"


def test_what_is_bounded_where_it_is_read_is_longer_than_what_is_kept_of_it() -> None:
    assert MAX_UNCUT >= MAX_ERROR + 4096
