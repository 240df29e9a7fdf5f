"""What a person keeps of the worklist: saved searches and favourites."""

from django.db import models
from django.db.models import Q

from ronde.core.models import UUIDModel
from ronde.worklist.bulk_models import BulkLine, BulkRun

__all__ = ["BulkLine", "BulkRun", "Favourite", "SavedSearch"]


class SavedSearch(UUIDModel):
    """Filters kept under a name. They belong to the human being, also when acting as a structure
    (AZUREZO, sheet 10); one of them at most is applied on arrival.
    """

    user_id = models.UUIDField()
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "name"], name="worklist_search_name"),
            models.UniqueConstraint(
                fields=["user_id"], condition=Q(is_default=True), name="worklist_search_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Favourite(UUIDModel):
    """A record that a person marked with a star, for themselves alone."""

    user_id = models.UUIDField()
    patient_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "patient_id"], name="worklist_star_once")
        ]

    def __str__(self) -> str:
        return str(self.patient_id)
