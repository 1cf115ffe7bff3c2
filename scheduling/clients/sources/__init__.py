"""Read-only queries of the databases that an operator has opened to scripts. No models, no Django.

SourceError
├── InvalidDsnError            the source's address can't be used
├── QueryRefusedError        not one harmless SELECT on allowed tables: nothing was run
├── QueryFailedError         the database refused, or could not be reached
└── QueryTimeoutError
"""

from __future__ import annotations

from common.http import CancelSwitch

from . import mysql, sqlite
from .dsn import Dsn, read_dsn
from .errors import InvalidDsnError, QueryFailedError, QueryRefusedError, QueryTimeoutError, SourceError
from .placeholders import require_known_placeholders
from .rows import Rows
from .tables import Tables

__all__ = [
    "InvalidDsnError",
    "QueryFailedError",
    "QueryRefusedError",
    "QueryTimeoutError",
    "Rows",
    "SourceError",
    "Tables",
    "query",
    "read_dsn",
]

QUERY = {"sqlite": sqlite.query, "mysql": mysql.query}


def query(dsn: Dsn, tables: Tables, sql: str, params: object, switch: CancelSwitch) -> Rows:
    """Run one SELECT, for at most rows.MAX_ROWS rows and rows.SECONDS.

    `params` is a list for %s, a dict for %(name)s, or None. Raises SourceError, and http.CanceledError by the switch.
    """
    if params is not None and not isinstance(params, list | tuple | dict):
        raise QueryRefusedError("params must be a list for %s, or a dict for %(name)s")
    require_known_placeholders(sql)
    return QUERY[dsn.kind](dsn, tables, sql, params, switch)
