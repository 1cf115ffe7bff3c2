"""Django's MySQL, with one round trip less for each transaction.

Django switches autocommit off before a transaction and on again behind it. BEGIN does both, and Django has a hook for
it: SQLite needs one.
"""

from __future__ import annotations

from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.begin()
