from __future__ import annotations


class SourceError(Exception):
    """Its text holds no address and no password."""


class WrongDsn(SourceError):
    pass


class QueryRefused(SourceError):
    pass


class QueryFailed(SourceError):
    pass


class QueryTimeout(SourceError):
    pass
