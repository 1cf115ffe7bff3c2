"""Django's MySQL, with one round trip less for each transaction, and connections that mend themselves.

Django switches autocommit off before a transaction and on again behind it. BEGIN does both, and Django has a hook for
it: SQLite needs one.

Django gives up a connection that broke at the beginning and the end of a web request. Beats, workers and commands have
none: here a connection that broke is given up by its next use, whoever uses it. Where it broke within a second of its
last use, a transaction hears nothing of it; a statement that stands alone fails, for it may have been carried out.
"""

from __future__ import annotations

import time

from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction

FRESH_SECONDS = 1.0  # since its last use; after that a connection is asked whether the server still has it


class DatabaseWrapper(base.DatabaseWrapper):
    used_at = 0.0  # by the monotonic clock

    def close_if_health_check_failed(self) -> None:
        """Ask one that has failed or rested whether it lives, and close it if not; it opens again where it is used.

        Django calls this before each statement and each BEGIN. Inside a transaction nothing may be mended.
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
                # It broke since its last use. A BEGIN has done nothing yet: on a new connection it is as good.
                self.close()
                self.connect()
                self.connection.begin()
