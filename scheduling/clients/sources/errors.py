from __future__ import annotations


class SourceError(Exception):
    """A query was not run or failed. The text holds no address and no password."""


class InvalidDsnError(SourceError):
    pass


class QueryRefusedError(SourceError):
    pass


class QueryFailedError(SourceError):
    pass


class QueryTimeoutError(SourceError):
    pass
