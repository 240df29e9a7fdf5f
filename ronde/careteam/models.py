"""The circle of care: who looks after a patient, and who may read the record."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.core.models import UUIDModel
from ronde.directory.models import Party
from ronde.patients.models import Patient


class MemberKind(models.IntegerChoices):
    PROFESSIONAL = 1, _("Professionnel")
    STRUCTURE = 2, _("Structure")
    RELATIVE = 3, _("Entourage")


class Origin(models.TextChoices):
    CREATOR = "auto", _("auto-habilitation")
    DIRECTORY = "directory", _("annuaire")
    MANUAL = "manual", _("saisie manuelle")


class Right(models.TextChoices):
    """What a member may do with the record; a refusal is the patient's."""

    NONE = "none", _("Sans accès")
    HABILITATED = "habilitated", _("Habilité")
    REFUSED = "refused", _("Partage refusé")


class Member(UUIDModel):
    """A professional, a structure or a relative in the circle of one patient.

    Drawn from the directory (`party`) or typed by hand; a member typed by hand never has access.
    `refused` is the patient's refusal to share with this professional. A member who leaves keeps
    their row (`removed_at`).
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="members")
    kind = models.PositiveSmallIntegerField(choices=MemberKind)
    party = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    origin = models.CharField(max_length=10, choices=Origin)
    display_name = models.CharField(max_length=250)

    habilitated = models.BooleanField(default=False)
    habilitated_at = models.DateTimeField(null=True, blank=True)
    # When the habilitation is to be looked at again; empty: a year after it was given.
    review_on = models.DateField(null=True, blank=True)
    refused = models.BooleanField(default=False)
    refused_at = models.DateTimeField(null=True, blank=True)

    description = models.TextField(blank=True, max_length=500)
    establishment = models.CharField(max_length=250, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    function = models.CharField(max_length=120, blank=True)
    address_line = models.CharField(max_length=250, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=100, blank=True)

    # Typed by hand only.
    title = models.CharField(max_length=20, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=120, blank=True)
    registration_number = models.CharField(max_length=20, blank=True)
    profession_code = models.CharField(max_length=20, blank=True)
    relationship_code = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    mobile = models.CharField(max_length=20, blank=True)
    is_unlisted = models.BooleanField("sur liste rouge", default=False)
    short_name = models.CharField(max_length=120, blank=True)
    finess = models.CharField(max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    siren = models.CharField(max_length=9, blank=True)
    responsible = models.CharField(max_length=120, blank=True)
    wants_access = models.BooleanField(null=True)
    is_informed = models.BooleanField(null=True)

    added_at = models.DateTimeField()
    added_by_user = models.UUIDField()
    added_by_party = models.UUIDField()
    added_by_name = models.CharField(max_length=250)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by_name = models.CharField(max_length=250, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["party", "patient"], name="careteam_member_party")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "party"],
                condition=Q(removed_at=None),
                name="careteam_member_once",
            ),
            models.CheckConstraint(
                condition=Q(party__isnull=False) | Q(habilitated=False),
                name="careteam_manual_has_no_access",
            ),
            models.CheckConstraint(
                condition=Q(habilitated=False) | Q(refused=False),
                name="careteam_refused_has_no_access",
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(habilitated=False),
                name="careteam_removed_has_no_access",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


# Codes of `terminology/data/roles.csv` («Certains rôles sont uniques», SPICO).
UNIQUE_ROLES = ("attending-physician", "main-caregiver")


class MemberRole(models.Model):
    """A role of a member: information, never a right (SPICO, definitions).

    `patient` and `is_current` are repeated here so that the database itself keeps the unique roles
    unique.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="roles")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    role = models.CharField(max_length=40)
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "role"], name="careteam_role_once"),
            models.UniqueConstraint(
                fields=["patient", "role"],
                condition=Q(is_current=True, role__in=UNIQUE_ROLES),
                name="careteam_unique_role",
            ),
        ]

    def __str__(self) -> str:
        return self.role


class BreakGlassReason(models.TextChoices):
    EMERGENCY = "urgence", _("Urgence : la vie ou la santé est menacée")
    UNABLE = "incapacite", _("Le patient ne peut pas exprimer sa volonté")
    CONTINUITY = "continuite", _("Continuité des soins : le référent est absent")
    REQUEST = "demande", _("À la demande du patient, présent avec moi")
    OTHER = "autre", _("Autre motif")


class BreakGlass(UUIDModel):
    """An access taken in an emergency: two hours, told to the circle, reviewed afterwards."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="break_glasses")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    user_id = models.UUIDField()
    party_name = models.CharField(max_length=250)
    person_name = models.CharField(max_length=250)
    reason = models.CharField(max_length=12, choices=BreakGlassReason)
    reason_text = models.TextField(max_length=500)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["party", "patient"], name="careteam_break_glass_party")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason_text=""), name="careteam_glass_has_reason")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Verdict(models.TextChoices):
    JUSTIFIED = "justified", _("Justifié")
    UNCLEAR = "unclear", _("À clarifier")
    UNJUSTIFIED = "unjustified", _("Injustifié")


class Review(UUIDModel):
    """What the privacy officer thinks of a break-glass access; closed, it is not reopened.

    An access without a row was not looked at yet.
    """

    glass = models.OneToOneField(BreakGlass, models.PROTECT, related_name="review")
    verdict = models.CharField(max_length=12, choices=Verdict)
    comment = models.TextField(max_length=2000)
    decided_at = models.DateTimeField()
    decided_by = models.UUIDField()
    decided_by_name = models.CharField(max_length=250)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(verdict="unclear"),
                name="careteam_unclear_stays_open",
            ),
            models.CheckConstraint(condition=~Q(comment=""), name="careteam_review_has_comment"),
        ]

    def __str__(self) -> str:
        return f"{self.glass_id} · {self.verdict}"


class Explanation(UUIDModel):
    """What the privacy officer asks the person who broke the glass, and their answer."""

    glass = models.ForeignKey(BreakGlass, models.PROTECT, related_name="explanations")
    question = models.TextField(max_length=2000)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    asked_by_name = models.CharField(max_length=250)
    answer = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # One question at a time: the next one is asked when the former has its answer.
            models.UniqueConstraint(
                fields=["glass"],
                condition=Q(answered_at=None),
                name="careteam_one_open_question",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class GrantReason(models.IntegerChoices):
    MEMBER = 1, _("Membre habilité du cercle de soins")
    BREAK_GLASS = 2, _("Accès bris de glace")


class Grant(models.Model):
    """The projection of the rule: one row for each party and record it may open.

    Written by triggers only: those of `sql/grant.sql`, from the view `careteam_grant_rule`.
    `until` empty: lasting; otherwise the row counts until that moment.
    """

    pk = models.CompositePrimaryKey("party_id", "patient_id")
    party_id = models.UUIDField()
    patient = models.ForeignKey(
        Patient, models.DO_NOTHING, related_name="grants", db_constraint=False
    )
    reason = models.PositiveSmallIntegerField(choices=GrantReason)
    until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    sort_key = models.CharField(max_length=220, db_collation="C")
    name_key = models.CharField(max_length=100, db_collation="C")
    given_key = models.CharField(max_length=100, db_collation="C")
    used_key = models.CharField(max_length=100, db_collation="C")
    birth_date = models.DateField()
    sex = models.CharField(max_length=1)
    commune_code = models.CharField(max_length=5)
    identity_status = models.PositiveSmallIntegerField()
    is_deceased = models.BooleanField()
    is_archived = models.BooleanField()
    # Kept by the follow-up (its `sql/current.sql`), oldest first: codes of the current statuses and
    # the rank of the first; places and starts of the stays that have not ended, to come included.
    statuses = ArrayField(models.TextField(), null=True)
    status_rank = models.SmallIntegerField(null=True)
    stay_places = ArrayField(models.TextField(), null=True)
    stay_starts = ArrayField(models.DateTimeField(), null=True)

    class Meta:
        managed = False
        db_table = "careteam_grant"

    def __str__(self) -> str:
        return f"{self.party_id} · {self.patient_id}"


class Level(models.IntegerChoices):
    NONE = 0, _("Aucun")
    READ = 1, _("Lecture")
    WRITE = 2, _("Lecture et écriture")


class SectionRight(models.Model):
    """A line of the rights matrix: what a profession may do in a section of the records.

    An empty profession is the line of everybody; the line of a profession replaces it. A line with
    a role concerns those who hold that role in the record, and replaces the lines without.
    """

    profession_code = models.CharField(max_length=20, blank=True)
    role = models.CharField(max_length=40, blank=True)
    section = models.CharField(max_length=30)
    level = models.PositiveSmallIntegerField(choices=Level)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profession_code", "role", "section"],
                name="careteam_section_right_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profession_code or '*'} · {self.role or '*'} · {self.section}"


class MatrixChange(UUIDModel):
    """One change of a line of the matrix: who, when, why, and the levels before and after.

    `before` and `after` give the level of each section that changed; a section absent from one of
    them followed the less precise lines then. Kept for good; `undoes` is the change taken back.
    """

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.UUIDField()
    person_name = models.CharField(max_length=250)
    profession_code = models.CharField(max_length=20, blank=True)
    role = models.CharField(max_length=40, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        indexes = [
            models.Index(fields=["profession_code", "role", "-at"], name="careteam_matrix_line")
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="careteam_change_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.profession_code or '*'} · {self.role or '*'} · {self.at:%Y-%m-%d %H:%M}"


# The models of this app that stand in a file of their own.
from ronde.careteam.awaiting_models import AwaitedAccount  # noqa: E402, F401
from ronde.careteam.lasting_models import AccessRequest  # noqa: E402, F401
