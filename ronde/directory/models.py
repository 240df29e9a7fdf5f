"""The directory: who can be in a circle of care, and where they work."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ronde.core.models import UUIDModel


class Kind(models.IntegerChoices):
    PERSON = 1, "Personne"
    STRUCTURE = 2, "Structure"


class Source(models.TextChoices):
    RPPS = "rpps", "Annuaire Santé (RPPS, ADELI)"
    FINESS = "finess", "FINESS"
    REGION = "region", "Référentiel régional"
    LOCAL = "local", "Saisie locale"


class Party(UUIDModel):
    """A person or a structure: whoever may be a member of a circle or hold a right.

    The key of an imported party is drawn from its national number, so that the same file gives the
    same party everywhere. `gone_on`: absent from a full file since that day; history stays.
    """

    kind = models.PositiveSmallIntegerField(choices=Kind)
    display_name = models.CharField(max_length=250)
    sort_key = models.CharField(max_length=250, db_collation="C")
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address_line = models.CharField(max_length=250, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    gone_on = models.DateField(null=True, blank=True)
    fingerprint = models.BinaryField(max_length=32, null=True, editable=False)

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_structure(self) -> bool:
        return self.kind == Kind.STRUCTURE


class Person(models.Model):
    """A professional: the traits of Annuaire Santé that a circle needs."""

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="person")
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=60, blank=True)
    rpps = models.CharField(max_length=11, blank=True)
    adeli = models.CharField(max_length=9, blank=True)
    profession_code = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rpps"], condition=~Q(rpps=""), name="directory_rpps"),
            models.UniqueConstraint(
                fields=["adeli"], condition=~Q(adeli=""), name="directory_adeli"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family_name} {self.given_name}".strip()


class Structure(models.Model):
    """An establishment, a practice, a service.

    Only a structure with `acts_as_legal_person` («personne morale») makes a right given to it
    effective: those attached to it then see the record in its name (SPICO, slide 8).
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="structure")
    legal_name = models.CharField(max_length=250)
    short_name = models.CharField(max_length=120, blank=True)
    technical_id = models.CharField(max_length=30, blank=True)
    finess = models.CharField(max_length=9, blank=True)
    finess_legal = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    category_code = models.CharField(max_length=10, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="units"
    )
    acts_as_legal_person = models.BooleanField(default=False)
    is_coordination = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finess"], condition=~Q(finess=""), name="directory_finess"
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


class Post(UUIDModel):
    """What a person does somewhere («situation d'exercice»): profession, know-how, workplace.

    A post gives no right on any record.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="posts"
    )
    profession_code = models.CharField(max_length=20, blank=True)
    know_how_type = models.CharField(max_length=10, blank=True)
    know_how_code = models.CharField(max_length=20, blank=True)
    mode_code = models.CharField(max_length=5, blank=True)
    function_code = models.CharField(max_length=20, blank=True)
    sector_code = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address_line = models.CharField(max_length=250, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    gone_on = models.DateField(null=True, blank=True)
    fingerprint = models.BinaryField(max_length=32, null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.person_id} · {self.profession_code}"


class SearchEntry(models.Model):
    """What the search of the directory reads: one row a party, with folded and phonetic keys."""

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="search")
    kind = models.PositiveSmallIntegerField(choices=Kind)
    keys = ArrayField(models.CharField(max_length=60), default=list)

    def __str__(self) -> str:
        return str(self.party_id)


class ImportRun(UUIDModel):
    """One import of a file: what was read, what changed, how long it took, what was refused."""

    class Status(models.TextChoices):
        RUNNING = "running", "En cours"
        DONE = "done", "Terminé"
        FAILED = "failed", "Échoué"

    source = models.CharField(max_length=10, choices=Source)
    file_name = models.CharField(max_length=250)
    file_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    step = models.CharField(max_length=40, blank=True)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"


class RefusedLine(models.Model):
    """A line of the file that was left out, with the reason in words."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refused")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=250)

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
