"""What the dossier keeps for itself: unfinished creations, marks of reading, emergency requests."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ronde.core.models import UUIDModel


class Creation(UUIDModel):
    """A record that somebody is creating: the traits typed, and what was decided on look-alikes.

    Its key becomes the patient's, so that a form sent twice makes one record. It goes when the
    record is created, and after a week otherwise.
    """

    user_id = models.UUIDField()
    party_id = models.UUIDField()
    values = models.JSONField(default=dict)
    decided_against = ArrayField(models.UUIDField(), default=list)
    why = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "-started_at"], name="dossier_creation_mine")]

    def __str__(self) -> str:
        return str(self.pk)


class ReadMark(UUIDModel):
    """Until when a person has read what happened on a record: they said so by one key."""

    user_id = models.UUIDField()
    patient_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "patient_id"], name="dossier_mark_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.patient_id}"


class BreakGlassAttempt(UUIDModel):
    """One request for a break-glass access, granted or not: what the daily limit counts."""

    user_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "at"], name="dossier_attempt_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M}"
