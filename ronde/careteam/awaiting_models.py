"""Accounts asked for from a circle."""

from django.db import models

from ronde.careteam.models import Member
from ronde.core.models import UUIDModel
from ronde.patients.models import Patient


class Outcome(models.TextChoices):
    """What came of the access; `DECLINED`: no account was born, which the accounts' mail tells."""

    GIVEN = "given"
    NO_ACCESS = "no_access"
    REMOVED = "removed"
    REFUSED = "refused"
    CONSENT = "consent"
    DECLINED = "declined"


class AwaitedAccount(UUIDModel):
    """A member whose account was asked for, so that they may open this record.

    `request_id` is the request in the accounts' queue. It is settled when the account is born, in
    the name of who asked.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="awaited_accounts")
    request_id = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    asked_by_user = models.UUIDField()
    asked_by_party = models.UUIDField()
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient"], name="careteam_awaited_patient")]

    def __str__(self) -> str:
        return str(self.pk)
