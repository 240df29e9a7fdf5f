"""The directory: who can be in a circle of care, and where they work."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from ronde.core.models import UUIDModel


class Kind(models.IntegerChoices):
    PERSON = 1, _("Personne")
    STRUCTURE = 2, _("Structure")


class Source(models.TextChoices):
    RPPS = "rpps", _("Annuaire Santé (RPPS, ADELI)")
    FINESS = "finess", _("FINESS")
    REGION = "region", _("Référentiel régional")
    LOCAL = "local", _("Saisie locale")


PRESENT = Q(gone_on=None)


class Party(UUIDModel):
    """A person or a structure: whoever may be a member of a circle or hold a right.

    The key of an imported party is drawn from its national number (`keys.party_key`), so that the
    same file gives the same party everywhere. `sort_key` is the folded name, every name of a
    structure one after the other: it orders and it is what the search reads. `source` says who
    maintains the row; `gone_on`: absent from a full file since that day, history stays.
    `fingerprint` is a hash of the imported traits: an import leaves alone a row that has the same.
    """

    kind = models.PositiveSmallIntegerField(choices=Kind)
    display_name = models.CharField(max_length=250)
    sort_key = models.CharField(max_length=500, db_collation="C")
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    address_line = models.CharField(max_length=250, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)
    commune_code = models.CharField(max_length=5, blank=True, db_collation="C")
    source = models.CharField(max_length=10, choices=Source)
    gone_on = models.DateField(null=True, blank=True)
    fingerprint = models.BigIntegerField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["sort_key"], condition=PRESENT, name="directory_party_name"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_structure(self) -> bool:
        return self.kind == Kind.STRUCTURE


class Person(models.Model):
    """A professional: the traits of Annuaire Santé that a circle needs.

    `profession_code` is qualified by its nomenclature (`G15:60`), see terminology.
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="person")
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=60, blank=True)
    rpps = models.CharField(max_length=11, blank=True, db_collation="C")
    adeli = models.CharField(max_length=9, blank=True, db_collation="C")
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
    `technical_id` is the identifier of its own register; `coordination` marks those whose work is
    to coordinate (DAC, CPTS, CLIC…).
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="structure")
    legal_name = models.CharField(max_length=250)
    short_name = models.CharField(max_length=120, blank=True)
    technical_id = models.CharField(max_length=60, blank=True, db_collation="C")
    finess = models.CharField(max_length=9, blank=True, db_collation="C")
    finess_legal = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True, db_collation="C")
    siren = models.CharField(max_length=9, blank=True)
    category_code = models.CharField(max_length=10, blank=True)
    sector_code = models.CharField(max_length=10, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="units")
    acts_as_legal_person = models.BooleanField(default=False)
    is_coordination = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finess"], condition=~Q(finess=""), name="directory_finess"
            ),
        ]
        indexes = [
            models.Index(fields=["siret"], condition=~Q(siret=""), name="directory_siret"),
            models.Index(
                fields=["technical_id"], condition=~Q(technical_id=""), name="directory_technical"
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


class Post(UUIDModel):
    """What a person does somewhere («situation d'exercice»): profession, know-how, workplace.

    A post gives no right on any record. The key is drawn from everything that it says: a post
    never changes, it ends (`gone_on`) and another begins. Address and phone are those of the
    structure; a post keeps its own only when it has none.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    structure = models.ForeignKey(
        Structure, models.PROTECT, null=True, blank=True, related_name="posts"
    )
    profession_code = models.CharField(max_length=20, blank=True)
    category_code = models.CharField(max_length=5, blank=True)
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
    source = models.CharField(max_length=10, choices=Source, default=Source.LOCAL)
    gone_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id} · {self.profession_code}"


class Entry(models.Model):
    """What the search reads of a party: its words, and those of where it stands, as tokens.

    The database makes it (`sql/entries.sql`) and triggers keep it up; nothing else writes here.
    """

    party = models.OneToOneField(
        Party, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="entry"
    )
    words = ArrayField(models.IntegerField())

    class Meta:
        indexes = [GinIndex(fields=["words"], name="directory_entry_words", fastupdate=False)]

    def __str__(self) -> str:
        return str(self.party_id)


class Word(models.Model):
    """A word of a name or a town: what was typed is completed, or mended, with words that exist.

    A trigger of the parties fills it. `frequency` counts how often it was written, roughly: a word
    that nobody bears any more stays, and finds nobody.
    """

    word = models.CharField(primary_key=True, max_length=100, db_collation="C")
    frequency = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                Func(F("word"), function="reverse", output_field=models.TextField()),
                name="directory_word_end",
            )
        ]

    def __str__(self) -> str:
        return self.word


class ImportRun(UUIDModel):
    """One import of a file: what was read, what changed, how long it took, what was refused.

    `step` is the last step that is done; `counts` holds numbers of lines and rows, `seconds` the
    duration of each step. A run that failed can be resumed after `step`.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("En cours")
        DONE = "done", _("Terminé")
        FAILED = "failed", _("Échoué")

    source = models.CharField(max_length=10, choices=Source)
    file_name = models.CharField(max_length=250)
    file_hash = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    step = models.CharField(max_length=40, blank=True)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    seconds = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M}"


class RefusedLine(models.Model):
    """A line of the file that was left out, with the reason in words.

    `kept`: the line was imported all the same, and somebody should look at it.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="refused")
    line = models.PositiveIntegerField()
    reason = models.CharField(max_length=250)
    kept = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.line}: {self.reason}"
