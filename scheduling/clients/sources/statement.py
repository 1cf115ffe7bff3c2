"""Reads a MySQL statement: is it one harmless SELECT, and of which tables?

The text that is sent is not the text that was read. It is put together again from the tokens, without comments, so
that the server sees what the parser has seen: MySQL runs the text in /*! … */, and begins a comment at other places
than most parsers do.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from .errors import QueryRefusedError

MAX_CHARACTERS = 100_000
# Strings and quoted names as MySQL ends them; `_latin1'…'` is two tokens.
QUOTED = re.compile(
    r"""[xXbBnN]?'(?:[^'\\]|''|\\.)*' | "(?:[^"\\]|""|\\.)*" | `(?:[^`]|``)*`""", re.DOTALL | re.VERBOSE
)
PLAIN = re.compile(r"[\w$]+(?:\s+[\w$]+)* | [-+*/%=<>!&|^~.,()?:]+ | \d[\w.+-]*", re.VERBOSE)
COMMENT = re.compile(r"/\*|\*/|--|#")
# Words that a SELECT needs only to write, lock or run something.
WORDS = {
    "CALL", "DELETE", "DUMPFILE", "HANDLER", "INSERT", "INTO", "LOCK", "NEXT", "OUTFILE", "PREVIOUS", "PROCEDURE",
    "UPDATE",
}  # fmt: skip
REFUSED = (
    exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Parameter, exp.SessionParameter, exp.Set, exp.Pragma,
    exp.Placeholder, exp.Kill, exp.Show, exp.Use,
)  # fmt: skip
# Allowed functions among those for which sqlglot has no class. Others may be a stored one, LOAD_FILE, SLEEP, GET_LOCK.
FUNCTION_NAMES = """
    ADDDATE ADDTIME ANY_VALUE BIN BIT_COUNT CHARSET COLLATION COMPRESS CONV CONVERT_TZ CRC32 CURDATE CURTIME
    DATEDIFF DAYNAME EXPORT_SET EXTRACTVALUE FIELD FIND_IN_SET FORMAT FROM_DAYS GET_FORMAT HEX HOUR IF
    INET6_ATON INET6_NTOA INET_ATON INET_NTOA INSTR INTERVAL IS_IPV4 IS_IPV6 IS_UUID ISNULL JSON_CONTAINS_PATH
    JSON_DEPTH JSON_EXISTS JSON_KEYS JSON_LENGTH JSON_MERGE_PATCH JSON_MERGE_PRESERVE JSON_OVERLAPS JSON_PRETTY
    JSON_QUERY JSON_QUOTE JSON_SEARCH JSON_SET JSON_TYPE JSON_UNQUOTE JSON_VALID JSON_VALUE LOCALTIME
    LOCALTIMESTAMP MAKE_SET MAKEDATE MAKETIME MICROSECOND MID MINUTE NOW OCT OCTET_LENGTH ORD PERIOD_ADD
    PERIOD_DIFF POSITION QUOTE ROW SEC_TO_TIME SECOND SOUNDEX STRCMP SUBDATE SUBSTRING_INDEX SUBTIME SYSDATE
    TIME TIME_FORMAT TIME_TO_SEC TIMEDIFF TIMESTAMP TO_DAYS TO_SECONDS TRUNCATE UNCOMPRESSED_LENGTH UNHEX
    UNIX_TIMESTAMP UPDATEXML UTC_DATE UTC_TIME UTC_TIMESTAMP UUID UUID_SHORT WEEKDAY WEIGHT_STRING YEARWEEK
"""
FUNCTIONS = frozenset(FUNCTION_NAMES.split())
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of statements that are refused here


@dataclass(frozen=True)
class Statement:
    """`tables` are (schema or "", name), one for each place that names one. `defined` are WITH's names, case-folded."""

    sql: str
    tables: tuple[tuple[str, str], ...]
    defined: frozenset[str]


def read(sql: str) -> Statement:
    """Read a statement. Raises QueryRefusedError unless it is one SELECT that only reads."""
    if len(sql) > MAX_CHARACTERS:
        raise QueryRefusedError("the statement is too long")
    dialect = MySQL()
    try:
        tokens = dialect.tokenize(sql)
        text = _join_tokens(sql, tokens)
        trees = [tree for tree in dialect.parser().parse(tokens, sql) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        raise QueryRefusedError("the statement can't be read as one SELECT of MySQL") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise QueryRefusedError("only one SELECT is allowed")
    return _statement_of(trees[0], text)


def _join_tokens(sql: str, tokens: list[Token]) -> str:
    """Put the tokens together again, with one space for each gap, comments included. Raises QueryRefusedError."""
    pieces, bare, end = [], [], 0
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            continue
        piece = sql[token.start : token.end + 1]
        gap = " " if token.start > end else ""
        is_quoted = bool(QUOTED.fullmatch(piece))
        if not is_quoted and not PLAIN.fullmatch(piece):
            raise QueryRefusedError(f"this is not allowed in a statement: {piece!r}")
        if not is_quoted and WORDS & set(piece.upper().split()):
            raise QueryRefusedError(f"{piece.upper()} is not allowed: write one SELECT that only reads")
        pieces += [gap, piece]
        bare += [gap, "''" if is_quoted else piece]
        end = token.end + 1
    if COMMENT.search("".join(bare)):
        raise QueryRefusedError("two characters would begin a comment: put a space between them")
    return "".join(pieces).strip()


def _statement_of(tree: exp.Query, text: str) -> Statement:
    tables: list[tuple[str, str]] = []
    defined: set[str] = set()
    for node in tree.walk():
        if isinstance(node, REFUSED):
            raise QueryRefusedError(f"only one SELECT that reads is allowed, not {node.sql('mysql')}")
        if isinstance(node, exp.Anonymous):
            _require_function(node)
        if isinstance(node, exp.CTE):
            defined.add(node.alias.casefold())
        if isinstance(node, exp.Table):
            tables += _tables(node)
    return Statement(text, tuple(tables), frozenset(defined))


def _require_function(call: exp.Anonymous) -> None:
    is_qualified = isinstance(call.parent, exp.Dot)
    if is_qualified or call.name.upper() not in FUNCTIONS:
        raise QueryRefusedError(f"the function {call.name} is not allowed")


def _tables(node: exp.Table) -> list[tuple[str, str]]:
    if isinstance(node.this, exp.JSONTable):
        return []
    if node.catalog or not isinstance(node.this, exp.Identifier):
        raise QueryRefusedError(f"this is not a table: {node.sql('mysql')}")
    return [(node.db, node.name)]
