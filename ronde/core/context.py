"""The context of row-level security: who asks, for this thread of execution.

The database backend pushes it at the start of every outermost transaction. Outside `acting()`
there is no context, and the policies show no row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class Context:
    party_id: UUID | None = None
    user_id: UUID | None = None
    request_id: str = ""
    duty: str = ""
    delegated: bool = False


NOBODY = Context()
_current: ContextVar[Context] = ContextVar("ronde_context", default=NOBODY)


def current() -> Context:
    return _current.get()


@contextmanager
def acting(
    *,
    party_id: UUID | None,
    user_id: UUID | None,
    request_id: str = "",
    duty: str = "",
    delegated: bool = False,
) -> Iterator[None]:
    """Make queries of the block see what `party_id` may see; the former context comes back after.

    `duty`: on which duty of the region `user_id` is, outside of any record; `delegated`: acts in
    the name of `party_id` by delegation. Inside an open transaction the new context is pushed at
    once, and the former one restored.
    """
    token = _current.set(Context(party_id, user_id, request_id, duty, delegated))
    try:
        connection.push_context()
        yield
    finally:
        _current.reset(token)
        connection.push_context()
