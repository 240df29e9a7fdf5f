"""Records that may be of one person, and those that were brought together."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ronde.core.models import UUIDModel


class DuplicateState(models.TextChoices):
    WAITING = "waiting", _("À examiner")
    DIFFERENT = "different", _("Deux personnes différentes")
    MERGED = "merged", _("Réunis")


class Duplicate(UUIDModel):
    """Two records that may be of one person, with the score of their traits and why.

    Found by the nightly search, or entered by the identity cell (`by_hand`). `marks` are the codes
    of the comparison: trait, word, bits. A pair of two different people is never proposed again.
    """

    first = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    second = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    score = models.FloatField()
    marks = models.JSONField(default=list)
    by_hand = models.BooleanField(default=False)
    found_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DuplicateState, default=DuplicateState.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_user = models.UUIDField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=250, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-score"], name="patients_duplicate_list")]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="patients_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="patients_pair_is_ordered"
            ),
            models.CheckConstraint(
                condition=~Q(state="different") | ~Q(reason=""),
                name="patients_different_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def ids(self) -> tuple[Any, Any]:
        return self.first_id, self.second_id


class Sweep(models.Model):
    """One nightly search of duplicates: since when it looked, and what it found."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    looked_at = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class Merge(UUIDModel):
    """Two records brought together: `other` is closed and read in `kept`.

    `current` is the record where `other` is read now: `kept`, or the one that `kept` was itself
    merged into. Written by the functions of `sql/merge.sql` alone.
    """

    kept = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    other = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    current = models.ForeignKey("patients.Patient", models.PROTECT, related_name="+")
    kept_number = models.BigIntegerField()
    other_number = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    merged_at = models.DateTimeField()
    merged_by_user = models.UUIDField()
    merged_by_name = models.CharField(max_length=250)
    undone_at = models.DateTimeField(null=True)
    undone_by_user = models.UUIDField(null=True)
    undone_by_name = models.CharField(max_length=250, blank=True)
    undone_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["current"], condition=Q(undone_at=None), name="patients_merge_current"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at=None), name="patients_merged_once"
            ),
            models.CheckConstraint(condition=~Q(kept=F("other")), name="patients_merge_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="patients_merge_has_reason"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | ~Q(undone_reason=""),
                name="patients_undone_merge_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_number} → {self.kept_number}"


class MergeChange(models.Model):
    """One value that a merge changed, before and after: what its undoing reads, and nobody else."""

    merge = models.ForeignKey(Merge, models.PROTECT, related_name="+")
    place = models.CharField(max_length=63)
    col = models.CharField(max_length=63)
    row_key = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["merge", "id"], name="patients_change_merge")]

    def __str__(self) -> str:
        return f"{self.place}.{self.col} {self.row_key}"
