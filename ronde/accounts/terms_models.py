"""Versions of the terms of use that the region publishes, beside those that come with Ronde."""

from django.db import models
from django.db.models import F, Q

from ronde.core.models import UUIDModel

LONGEST_TEXT, LONGEST_SUMMARY = 60_000, 500


class TermsVersion(UUIDModel):
    """The draft, without a version, or what was published: never changed nor removed from the
    moment it came in force (`sql/terms.sql`). One draft at most: the version is unique.

    `summary` says what changes. `revision` counts the times that the draft was saved.
    """

    version = models.CharField(max_length=20, unique=True, blank=True, default="")
    text = models.TextField()
    text_en = models.TextField(blank=True, default="")
    summary = models.CharField(max_length=LONGEST_SUMMARY)
    summary_en = models.CharField(max_length=LONGEST_SUMMARY, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=250)
    published_at = models.DateTimeField(null=True)
    published_by = models.UUIDField(null=True)
    published_by_name = models.CharField(max_length=250, blank=True, default="")
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version="", published_at=None, published_by=None, in_force_at=None)
                | (
                    ~Q(version="")
                    & Q(published_at__isnull=False, published_by__isnull=False)
                    & Q(in_force_at__isnull=False, in_force_at__gte=F("published_at"))
                ),
                name="accounts_terms_published_whole",
            )
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def is_draft(self) -> bool:
        return not self.version
