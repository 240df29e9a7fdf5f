"""What the dossier keeps for itself: creations that are not finished."""

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
