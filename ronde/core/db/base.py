"""Django's PostgreSQL backend, plus the role and the context of row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base, operations
from psycopg.pq import TransactionStatus

from ronde.core import context

PUSH = (
    "SELECT set_config('app.party', %s, true), set_config('app.user', %s, true),"
    " set_config('app.request', %s, true), set_config('app.duty', %s, true),"
    " set_config('app.delegated', %s, true)"
)


class DatabaseOperations(operations.DatabaseOperations):
    def execute_sql_flush(self, sql_list: list[str]) -> None:
        """Empty the tables as their owner: the application's role may not TRUNCATE."""
        with self.connection.as_role(None):
            super().execute_sql_flush(sql_list)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(settings_dict, alias)
        self.role: str | None = settings_dict.get("ROLE")

    def init_connection_state(self) -> None:
        super().init_connection_state()
        if self.alias != NO_DB_ALIAS:
            with self.connection.cursor() as cursor:
                self._set_role(cursor)
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, false)",
                    [str(self.settings_dict.get("STATEMENT_TIMEOUT", 0))],
                )
            if not self.get_autocommit():
                self.connection.commit()

    def _set_role(self, cursor: Any) -> None:
        if self.role:
            cursor.execute(f'SET ROLE "{self.role}"')
        else:
            cursor.execute("RESET ROLE")

    def as_role(self, role: str | None) -> "_Role":
        """Run a block under another role (None: the one that logged in)."""
        return _Role(self, role)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        if not autocommit:
            self._push()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Have the transactions opened in the block refuse writes, at no cost of a round trip.

        Inside an open transaction (a test's) it changes nothing.
        """
        if self.in_atomic_block:
            yield
            return
        self.ensure_connection()
        self.connection.read_only = True
        try:
            yield
        finally:
            if self.connection is not None:
                self.connection.read_only = None

    def push_context(self) -> None:
        """Push the current context into the open transaction; outside one, do nothing."""
        if self.connection is not None and self.in_atomic_block and not self.needs_rollback:
            self._push()

    def _push(self) -> None:
        known = context.current()
        with self.connection.cursor() as cursor:
            cursor.execute(
                PUSH,
                [
                    str(known.party_id or ""),
                    str(known.user_id or ""),
                    known.request_id,
                    known.duty,
                    "on" if known.delegated else "",
                ],
            )


class _Role:
    def __init__(self, wrapper: DatabaseWrapper, role: str | None) -> None:
        self.wrapper, self.role, self.former = wrapper, role, wrapper.role

    def __enter__(self) -> None:
        self.former = self.wrapper.role
        self._become(self.role)

    def __exit__(self, *exc: object) -> None:
        self._become(self.former)

    def _become(self, role: str | None) -> None:
        self.wrapper.role = role
        if self.wrapper.connection is None:
            return
        if self.wrapper.connection.info.transaction_status == TransactionStatus.INERROR:
            return  # The rollback that must follow gives the former role back.
        with self.wrapper.connection.cursor() as cursor:
            self.wrapper._set_role(cursor)
