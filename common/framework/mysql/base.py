"""Django's MySQL backend, with one round trip less for each transaction, and connections that repair themselves.

Django switches autocommit off before a transaction and on again after it. BEGIN does both, and Django has a hook for
it, because SQLite needs one.

Django gives up a broken connection at the beginning and the end of a web request. Beats, workers and commands have no
requests: here a broken connection is given up at its next use, in every process. If it broke within a second of its
last use, a transaction does not notice; a statement that stands alone fails, because it may have been carried out.

A server that is frozen must not freeze those who wait for it, but a migration may have to sort an index of a table with
tens of millions of rows: while tables are changed, answers are waited for without a limit.
"""

from __future__ import annotations

import time
from typing import Any

from django.db.backends.mysql import base, schema
from django.db.backends.utils import debug_transaction

FRESH_SECONDS = 1.0  # since the last use; a connection that has rested longer is checked before its next use


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Changes tables on a connection of its own, which waits for as long as that takes. Each migration has one."""

    connection: DatabaseWrapper

    def __enter__(self) -> SchemaEditor:
        self._reconnect(is_patient=True)
        super().__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        try:
            super().__exit__(*raised)
        finally:
            self._reconnect(is_patient=False)

    def _reconnect(self, *, is_patient: bool) -> None:
        self.connection.is_patient = is_patient
        self.connection.close()  # its next use opens it


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor
    is_patient = False  # whether an answer is waited for without a limit
    used_at = 0.0  # by the monotonic clock

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if self.is_patient:
            params.pop("read_timeout", None)
        return params

    def close_if_health_check_failed(self) -> None:
        """Close the connection if it has failed or rested, and is found dead. Its next use opens it again.

        Django calls this before each statement and each BEGIN. Inside a transaction nothing may be repaired.
        """
        if self.connection is None or self.in_atomic_block:
            return
        now = time.monotonic()
        if self.errors_occurred or now - self.used_at >= FRESH_SECONDS:
            self._mend()
        self.used_at = now

    def _mend(self) -> None:
        if self.is_usable():
            self.errors_occurred = False
        else:
            self.close()

    def _start_transaction_under_autocommit(self) -> None:
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            try:
                self.connection.begin()
            except (self.Database.OperationalError, self.Database.InterfaceError):
                # The connection broke since its last use. BEGIN has done nothing yet, so a new one can repeat it.
                self.close()
                self.connect()
                self.connection.begin()
