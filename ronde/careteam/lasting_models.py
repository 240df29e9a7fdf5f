"""Lasting accesses asked for from a break-glass access."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.careteam.models import BreakGlass
from ronde.core.models import UUIDModel
from ronde.core.text import words
from ronde.directory.models import Party
from ronde.patients.models import Patient


class AccessAnswer(models.TextChoices):
    GRANTED = "granted", _("Accès donné")
    DECLINED = "declined", _("Demande refusée")


class AccessRequest(UUIDModel):
    """A lasting access that somebody asked for while they had broken the glass.

    The circle answers; the privacy officer sees those that wait, and answers in the place of a
    circle where nobody is left. One for each break-glass access.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="access_requests")
    glass = models.OneToOneField(BreakGlass, models.PROTECT, related_name="access_request")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    user_id = models.UUIDField()
    party_name = models.CharField(max_length=250)
    person_name = models.CharField(max_length=250)
    text = models.TextField(max_length=500)
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=AccessAnswer, blank=True)
    reason = models.TextField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.UUIDField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=250, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["answered_at", "asked_at"], name="careteam_access_queue"),
            models.Index(fields=["user_id", "-asked_at"], name="careteam_access_mine"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="")
                | Q(answered_at__isnull=False, answer__in=["granted", "declined"]),
                name="careteam_access_answered_whole",
            ),
            models.CheckConstraint(
                condition=~Q(answer="declined") | ~Q(reason=""),
                name="careteam_declined_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def by_whom(self) -> str:
        """The human being, when they asked in another name than their own."""
        own = sorted(words(self.party_name)) == sorted(words(self.person_name))
        return "" if own else self.person_name
