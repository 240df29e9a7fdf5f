"""Two people at the same moment, each on a connection of their own.

The first one has done everything but commit; the second one is seen waiting in the database before
the first is let go.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

PATIENCE = 30  # Seconds.


class Side(threading.Thread):
    """What one of the two does, in one transaction; `outcome` is what came of it."""

    def __init__(self, act: Callable[[], Any], *, hold: threading.Event | None = None) -> None:
        super().__init__()
        self.act, self.hold = act, hold
        self.done, self.pid, self.outcome = threading.Event(), None, None
        self.start()

    def run(self) -> None:
        try:
            connection.ensure_connection()
            self.pid = connection.connection.info.backend_pid
            with transaction.atomic():
                self.outcome = self.act()
                self.done.set()
                assert self.hold is None or self.hold.wait(PATIENCE)
        except Exception as error:  # noqa: BLE001
            self.outcome = error
        finally:
            self.done.set()
            connection.close()

    def is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted", [self.pid]
            )
            return cursor.fetchone()[0] > 0


def race(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """Have `second` wait for `first`, and answer what each came to."""
    go = threading.Event()
    one = Side(first, hold=go)
    assert one.done.wait(PATIENCE)
    other = Side(second)
    until = time.monotonic() + PATIENCE
    while not (other.pid and other.is_waiting()) and not other.done.is_set():
        assert time.monotonic() < until
        time.sleep(0.01)
    waited = not other.done.is_set()
    go.set()
    one.join(PATIENCE)
    other.join(PATIENCE)
    assert waited, f"the second one did not wait: {other.outcome!r}"
    return one.outcome, other.outcome
