"""The cache of the house: throttles only, in PostgreSQL, so that all the workers count together.

Django's own database cache counts its rows at each write and stores pickles, which run code when
they are read; this one writes one statement and stores JSON.
"""

import json
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

TABLE = "accounts_sharedvalue"
GET = f"SELECT value FROM {TABLE} WHERE key = %s AND (expires_at IS NULL OR expires_at > %s)"  # noqa: S608
SET = f"""INSERT INTO {TABLE} AS kept (key, value, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at"""  # noqa: S608
ADD = f"{SET} WHERE kept.expires_at <= %s"
DELETE = f"DELETE FROM {TABLE} WHERE key = %s"  # noqa: S608
CLEAR = f"DELETE FROM {TABLE}"  # noqa: S608
PURGE = f"DELETE FROM {TABLE} WHERE expires_at <= %s"  # noqa: S608


class SharedCache(BaseCache):
    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(GET, [self.make_and_validate_key(key, version), time.time()])
            found = cursor.fetchone()
        return default if found is None else json.loads(found[0])

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._write(SET, self._row(key, value, timeout, version))

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Write unless a live value is there: one statement, so that only one worker wins."""
        return self._write(ADD, [*self._row(key, value, timeout, version), time.time()])

    def touch(
        self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        value = self.get(key, version=version)
        if value is None:
            return False
        self.set(key, value, timeout, version)
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._write(DELETE, [self.make_and_validate_key(key, version)])

    def clear(self) -> None:
        self._write(CLEAR, [])

    def purge(self) -> None:
        """Remove what has expired."""
        self._write(PURGE, [time.time()])

    def _row(self, key: str, value: Any, timeout: float | None, version: int | None) -> list[Any]:
        key = self.make_and_validate_key(key, version)
        return [key, json.dumps(value), self.get_backend_timeout(timeout)]

    def _write(self, statement: str, values: list[Any]) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return bool(cursor.rowcount)
