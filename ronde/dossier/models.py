"""What the dossier keeps for itself: unfinished creations, marks of reading, emergency requests."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

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


class ExtractionPurpose(models.TextChoices):
    PATIENT = "patient", _("À la demande du patient ou de son représentant légal")
    RELAY = "relais", _("Pour le relais par un autre professionnel")
    ARCHIVE = "archivage", _("Pour l'archivage par la structure")


class ExtractionState(models.TextChoices):
    WAITING = "waiting", _("En attente")
    RUNNING = "running", _("En préparation")
    READY = "ready", _("Prête")
    FAILED = "failed", _("Échouée")
    EXPIRED = "expired", _("Effacée")


class Extraction(UUIDModel):
    """The whole of a record as one file, made apart from any request and kept a day.

    It holds what whoever asked may read, and belongs to them alone. `done` of `total` parts are
    made. The file lies sealed among the documents: `place`, `key_id` and `sealed_key` open it. It
    was made from `sections`: closed to them since, one of these closes the whole file.
    """

    patient_id = models.UUIDField()
    user_id = models.UUIDField()
    party_id = models.UUIDField()
    purpose = models.CharField(max_length=10, choices=ExtractionPurpose)
    state = models.CharField(
        max_length=10, choices=ExtractionState, default=ExtractionState.WAITING
    )
    asked_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    sections = ArrayField(models.CharField(max_length=40), default=list)
    place = models.CharField(max_length=80, blank=True)
    key_id = models.CharField(max_length=40, blank=True)
    sealed_key = models.BinaryField(default=bytes)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "patient_id"], name="dossier_extraction_mine")]

    def __str__(self) -> str:
        return str(self.pk)
