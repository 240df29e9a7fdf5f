"""Reference data: imported, versioned, never typed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CodeSystem(models.Model):
    """A nomenclature in the version that was imported last.

    `name` is the short name used by the code (`professions`, `roles`…); `url` is the canonical
    address given by its publisher.
    """

    name = models.SlugField(primary_key=True, max_length=60)
    url = models.URLField(max_length=300)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=60)
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=100)
    published_on = models.DateField(null=True)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Concept(models.Model):
    """One code of a nomenclature; once retired it can still be read, no longer chosen."""

    system = models.ForeignKey(CodeSystem, models.PROTECT, related_name="concepts")
    code = models.CharField(max_length=60)
    display = models.CharField(max_length=400)
    url = models.CharField(max_length=300, blank=True)
    parent = models.CharField(max_length=60, blank=True)
    position = models.IntegerField(default=0)
    properties = models.JSONField(default=dict)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="terminology_concept_once")
        ]

    def __str__(self) -> str:
        return self.display


class Commune(models.Model):
    """A commune of the Code officiel géographique, current, delegated or associated.

    `key` is the folded name used by searches; `postcodes` may be empty (delegated communes).
    """

    code = models.CharField(primary_key=True, max_length=5)
    name = models.CharField(max_length=100)
    key = models.CharField(max_length=100, db_collation="C")
    kind = models.CharField(max_length=40)
    departement = models.CharField(max_length=3)
    region = models.CharField(max_length=3)
    chief_town = models.CharField(max_length=5, blank=True)
    postcodes = ArrayField(models.CharField(max_length=5), default=list)
    population = models.IntegerField(null=True)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["key"], name="terminology_commune_key")]

    def __str__(self) -> str:
        return self.name
