"""Reference data: imported, versioned, never typed."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CodeSystem(models.Model):
    """A nomenclature in the version that was imported last.

    `name` is the short name used by the code (`professions`, `roles`…); `urls` gives, for each
    prefix of our codes, the canonical address of the published system it comes from.
    """

    name = models.SlugField(primary_key=True, max_length=60)
    title = models.CharField(max_length=200)
    urls = models.JSONField(default=dict)
    version = models.CharField(max_length=200)
    source = models.CharField(max_length=500)
    licence = models.CharField(max_length=100)
    published_on = models.DateField(null=True)
    imported_at = models.DateTimeField()
    checksum = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def valid_on(day: date | None = None) -> Q:
    """Keep what can be chosen on that day, today unless said."""
    return Q(retired_on=None) | Q(retired_on__gt=day or timezone.localdate())


class ConceptQuerySet(models.QuerySet["Concept"]):
    def choices(self, system: str) -> "ConceptQuerySet":
        """Keep what a picker offers, in the order in which it offers it."""
        return self.filter(valid_on(), system=system).order_by("position")


class Concept(models.Model):
    """One code of a nomenclature; once retired it can still be read, no longer chosen."""

    system = models.ForeignKey(CodeSystem, models.PROTECT, related_name="concepts")
    code = models.CharField(max_length=60)
    display = models.CharField(max_length=400)
    position = models.IntegerField(default=0)
    properties = models.JSONField(default=dict)
    retired_on = models.DateField(null=True, blank=True)

    objects = ConceptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="terminology_concept_once")
        ]

    def __str__(self) -> str:
        return self.display


class Commune(models.Model):
    """A commune of the Code officiel géographique, current, delegated or associated.

    A delegated commune that shares the code of the new commune is one of its `aliases`.
    `search` holds every folded name and postcode, each word after a space.
    """

    class Kind(models.TextChoices):
        CURRENT = "current", _("Commune")
        DELEGATED = "delegated", _("Commune déléguée")
        ASSOCIATED = "associated", _("Commune associée")
        DISTRICT = "district", _("Arrondissement municipal")

    code = models.CharField(primary_key=True, max_length=5)
    name = models.CharField(max_length=100)
    aliases = ArrayField(models.CharField(max_length=100), default=list)
    key = models.CharField(max_length=100, db_collation="C")
    search = models.TextField(db_collation="C")
    kind = models.CharField(max_length=10, choices=Kind)
    departement = models.CharField(max_length=3)
    region = models.CharField(max_length=3)
    chief_town = models.CharField(max_length=5, blank=True)
    postcodes = ArrayField(models.CharField(max_length=5), default=list)
    population = models.IntegerField(null=True)
    retired_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.departement})"
