"""What happened: append-only, in the database as in the code.

Rows are linked to a patient by key alone, because this floor is below `patients`; the policies of
`careteam` decide who reads them.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.core.actor import by_delegation
from ronde.core.models import UUIDModel
from ronde.core.sharing import Shareable


class Weight(models.IntegerChoices):
    NORMAL = 1, _("Normal")
    IMPORTANT = 2, _("Important")
    VERY_IMPORTANT = 3, _("Très important")


class JournalEntry(UUIDModel, Shareable):
    """One event: who did what, in whose name, on which record.

    What happened to a thing with an audience of its own has the audience that the thing had then.
    """

    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    patient_id = models.UUIDField(null=True)
    section = models.CharField(max_length=30)
    weight = models.PositiveSmallIntegerField(choices=Weight, default=Weight.NORMAL)
    user_id = models.UUIDField(null=True)
    party_id = models.UUIDField(null=True)
    delegator_id = models.UUIDField(null=True)
    party_name = models.CharField(max_length=250, blank=True)
    person_name = models.CharField(max_length=250, blank=True)
    payload = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["patient_id", "-at"], name="journal_entry_patient"),
            models.Index(
                fields=["-at", "-id"], condition=Q(patient_id=None), name="journal_entry_regional"
            ),
            models.Index(
                fields=["user_id", "-at"], condition=Q(patient_id=None), name="journal_entry_own"
            ),
        ]

    def _do_insert(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Ask for nothing back: RETURNING would ask for the right to read as well."""
        manager, using, fields, _returned, raw = args
        return super()._do_insert(manager, using, fields, [], raw)

    def __str__(self) -> str:
        return f"{self.event} {self.at:%Y-%m-%d %H:%M}"

    @property
    def signature(self) -> str:
        """Who did it; by delegation, in whose name too."""
        if self.delegator_id is None:
            return self.person_name
        return by_delegation(self.person_name, self.party_name)


class AccessTrace(UUIDModel):
    """One opening of a record: who, as whom, by which right, what was looked at.

    `granted` false is a refused attempt: it is shown to administrators, never to the circle.
    `subject_id` is what was opened in the section, when it is one thing: a document.
    """

    at = models.DateTimeField()
    patient_id = models.UUIDField()
    user_id = models.UUIDField(null=True)
    party_id = models.UUIDField(null=True)
    delegator_id = models.UUIDField(null=True)
    party_name = models.CharField(max_length=250, blank=True)
    person_name = models.CharField(max_length=250, blank=True)
    granted = models.BooleanField(default=True)
    reason = models.CharField(max_length=20, blank=True)
    until = models.DateTimeField(null=True)
    section = models.CharField(max_length=30)
    subject_id = models.UUIDField(null=True)
    write = models.BooleanField(default=False)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient_id", "-at"], name="journal_trace_patient")]

    def __str__(self) -> str:
        return f"{self.section} {self.at:%Y-%m-%d %H:%M}"
