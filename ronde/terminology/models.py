"""Reference data: imported, versioned, never typed; and what the region chooses in them."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Nomenclature(models.TextChoices):
    """The nomenclatures in which the region chooses what is offered (feature K1)."""

    ROLES = "roles", _("Rôles du cercle de soins")
    PROFESSIONS = "professions", _("Professions")
    RELATIONSHIPS = "relationships", _("Liens avec le patient")
    DOCUMENT_TYPES = "document-types", _("Types de document")


class CodeSystem(models.Model):
    """A nomenclature in the version that was imported last.

    `name` is the short name used by the code (`professions`, `roles`…); `urls` gives, for each
    prefix of our codes, the canonical address of the published system it comes from. `chosen_at` is
    the last choice of the region in it, which no import touches.
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
    chosen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def valid_on(day: date | None = None) -> Q:
    """Keep what can be chosen on that day, today unless said."""
    return Q(retired_on=None) | Q(retired_on__gt=day or timezone.localdate())


class Concept(models.Model):
    """One code of a nomenclature; once retired it can still be read, no longer chosen."""

    system = models.ForeignKey(CodeSystem, models.PROTECT, related_name="concepts")
    code = models.CharField(max_length=60)
    display = models.CharField(max_length=400)
    position = models.IntegerField(default=0)
    properties = models.JSONField(default=dict)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="terminology_concept_once")
        ]

    def __str__(self) -> str:
        return self.display


class Withheld(models.Model):
    """A code that the region no longer offers: it can still be read, no longer chosen.

    Kept apart from the concepts, so that it holds whatever is imported later.
    """

    system = models.ForeignKey(CodeSystem, models.PROTECT, related_name="withheld")
    code = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="terminology_withheld_once")
        ]

    def __str__(self) -> str:
        return f"{self.system_id} {self.code}"


class RegionalRole(models.Model):
    """A role of the circle of care that the region adds to the imported ones.

    `close_to` is the code of the imported role that it is exchanged as, and offered like.
    """

    code = models.SlugField(unique=True, max_length=40)
    display = models.CharField(unique=True, max_length=60)
    close_to = models.CharField(max_length=40)

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
