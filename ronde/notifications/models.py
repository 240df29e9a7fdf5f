"""What was told to whom, so that nobody is told twice."""

from django.db import models

from ronde.core.models import UUIDModel


class Sent(UUIDModel):
    """One mail about one event to one human being or one service.

    `recipient` is the key of a user, or the name of the setting that holds a service's address.
    `refused`: the receiving server said that it will never take it.
    """

    entry_id = models.UUIDField()
    recipient = models.CharField(max_length=60)
    at = models.DateTimeField(auto_now_add=True)
    refused = models.BooleanField(default=False)

    class Meta:
        db_table = "notifications_sent"
        constraints = [
            models.UniqueConstraint(
                fields=["entry_id", "recipient"], name="notifications_sent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} · {self.recipient}"
