"""What was told to whom, what is told in the application, and what each chose to be told."""

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


class Notice(UUIDModel):
    """What somebody is told in the application, as one of the parties they act for.

    It names the event and its author; the patient is known by the key alone, and named only when
    the list is shown to who may open the record at that moment. Kept 90 days.
    """

    entry_id = models.UUIDField()
    event = models.CharField(max_length=60)
    at = models.DateTimeField()
    patient_id = models.UUIDField(null=True)
    author = models.CharField(max_length=250, blank=True)
    user_id = models.UUIDField()
    party_id = models.UUIDField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "party_id", "-at"], name="notifications_notice_of"),
            models.Index(fields=["at"], name="notifications_notice_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entry_id", "user_id", "party_id"], name="notifications_notice_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.user_id}"


class Preference(UUIDModel):
    """What one chose about an event, as one of the parties one acts for; no row: the default."""

    user_id = models.UUIDField()
    party_id = models.UUIDField()
    event = models.CharField(max_length=60)
    mail = models.BooleanField()
    application = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "party_id", "event"], name="notifications_preference_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} · {self.user_id}"
