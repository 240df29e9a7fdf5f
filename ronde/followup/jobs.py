"""What is done apart from any request."""

from uuid import UUID

from django.db import connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

AT_ONCE = 200  # Records whose writers wait meanwhile.
AGAIN = RetryStrategy(max_attempts=10, wait=5, linear_wait=20)


@app.task(name="followup.put_in_order", lock="followup.put_in_order", retry=AGAIN)
def put_in_order(*, kind_id: str) -> None:
    """Have the lists that are sorted by status follow the one that was moved."""
    last: UUID | None = UUID(int=0)
    while last:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT followup_refresh_next(%s, %s, %s)", [UUID(kind_id), last, AT_ONCE]
            )
            (last,) = cursor.fetchone()
