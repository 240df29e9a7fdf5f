"""The identity of a patient, as the RNIV (référentiel national d'identitovigilance) wants it."""

import re

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from stdnum import luhn

from ronde.core.models import UUIDModel
from ronde.patients.merge_models import Duplicate, DuplicateState, Merge, MergeChange, Sweep

__all__ = [
    "Consent",
    "ConsentGiver",
    "Death",
    "Duplicate",
    "DuplicateState",
    "IdentityHistory",
    "IdentityStatus",
    "Merge",
    "MergeChange",
    "Patient",
    "Proof",
    "Sex",
    "Sweep",
    "Zone",
    "missing_traits",
    "regional_identifier",
]


class Sex(models.TextChoices):
    FEMALE = "F", _("Femme")
    MALE = "M", _("Homme")
    UNKNOWN = "U", _("Indéterminé")


class IdentityStatus(models.IntegerChoices):
    """The four statuses of RNIV 1 (EXI SI 07)."""

    PROVISOIRE = 1, _("Provisoire")
    RECUPEREE = 2, _("Récupérée")
    VALIDEE = 3, _("Validée")
    QUALIFIEE = 4, _("Qualifiée")


class Proof(models.TextChoices):
    """Identity documents of high trust (AZUREZO, sheet 14)."""

    CNI = "CN", _("Carte nationale d'identité")
    PASSPORT = "PA", _("Passeport")
    FAMILY_BOOK = "LE", _("Livret de famille")
    BIRTH_CERTIFICATE = "AN", _("Extrait d'acte de naissance")
    RESIDENCE_PERMIT = "CS", _("Titre permanent de séjour")


class Patient(UUIDModel):
    """One record, one person.

    Strict traits are stored in capitals without accents. The conventions of unknown traits
    («À DEMANDER», 01/01/1900, 99999) are kept as typed and flagged by `missing_traits`.
    """

    record_number = models.BigIntegerField(unique=True, editable=False)
    regional_id = models.CharField(max_length=20, unique=True, editable=False)

    birth_name = models.CharField(_("nom de naissance"), max_length=100)
    first_given = models.CharField(_("1er prénom de naissance"), max_length=100)
    given_names = models.CharField(_("prénom(s) de naissance"), max_length=200, blank=True)
    used_name = models.CharField(_("nom utilisé"), max_length=100, blank=True)
    used_given = models.CharField(_("prénom utilisé"), max_length=100, blank=True)
    birth_date = models.DateField("date de naissance")
    sex = models.CharField(_("sexe"), max_length=1, choices=Sex)
    birth_place_code = models.CharField(_("lieu de naissance (code)"), max_length=5)
    birth_place = models.CharField(_("lieu de naissance"), max_length=120)
    birth_country_code = models.CharField(_("pays de naissance"), max_length=5, default="99100")
    twin_rank = models.PositiveSmallIntegerField(_("rang gémellaire"), null=True, blank=True)

    nir = models.CharField(_("NIR"), max_length=15, blank=True)
    holder_nir = models.CharField(_("NIR de l'ouvrant droit"), max_length=15, blank=True)
    ins = models.CharField(_("matricule INS"), max_length=15, blank=True)
    ins_oid = models.CharField(_("OID de l'INS"), max_length=40, blank=True)

    identity_status = models.PositiveSmallIntegerField(
        choices=IdentityStatus, default=IdentityStatus.PROVISOIRE
    )
    proof = models.CharField(max_length=2, choices=Proof, blank=True)
    proof_checked_at = models.DateTimeField(null=True, blank=True)
    proof_checked_by = models.UUIDField(null=True, blank=True)
    is_homonym = models.BooleanField(_("identité homonyme"), default=False)
    is_doubtful = models.BooleanField(_("identité douteuse"), default=False)
    is_fictitious = models.BooleanField(_("identité fictive"), default=False)
    duplicate_decision = models.TextField(blank=True)

    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    mobile = models.CharField(_("mobile"), max_length=20, blank=True)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    address_line = models.CharField(_("adresse"), max_length=250, blank=True)
    address_extra = models.CharField(_("complément"), max_length=250, blank=True)
    postcode = models.CharField(_("code postal"), max_length=10, blank=True)
    city = models.CharField(_("commune"), max_length=100, blank=True)
    commune_code = models.CharField(_("code commune"), max_length=5, blank=True)

    death_date = models.DateField(null=True, blank=True)
    is_deceased = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    sort_key = models.CharField(max_length=220, db_collation="C", editable=False)
    name_key = models.CharField(max_length=100, db_collation="C", editable=False)
    given_key = models.CharField(max_length=100, db_collation="C", editable=False)
    used_key = models.CharField(max_length=100, db_collation="C", blank=True, editable=False)
    blocking_keys = ArrayField(models.TextField(), default=list, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    created_by_user = models.UUIDField()
    created_by_party = models.UUIDField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_doubtful=False, is_fictitious=False)
                | Q(identity_status=IdentityStatus.PROVISOIRE),
                name="patients_doubtful_is_provisional",
                violation_error_message=_("Une identité douteuse ou fictive reste provisoire."),
            ),
            models.CheckConstraint(
                condition=Q(is_doubtful=False) | Q(is_fictitious=False),
                name="patients_doubtful_or_fictitious",
                violation_error_message=_("Une identité n'est pas à la fois douteuse et fictive."),
            ),
            models.CheckConstraint(
                condition=Q(ins="") | Q(identity_status=IdentityStatus.QUALIFIEE),
                name="patients_ins_only_if_qualified",
            ),
            models.CheckConstraint(
                condition=~Q(identity_status__gte=IdentityStatus.VALIDEE) | ~Q(proof=""),
                name="patients_validated_has_proof",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record_number)

    @property
    def grouped_regional_id(self) -> str:
        """The regional identifier as it is read aloud: «0409 6100 3004»."""
        return " ".join(self.regional_id[at : at + 4] for at in range(0, len(self.regional_id), 4))

    @property
    def shown_name(self) -> str:
        """The name of everyday life in capitals, then the given name: «DURAND Jeanne»."""
        return f"{self.used_name or self.birth_name} {self.shown_given}".strip()

    @property
    def shown_given(self) -> str:
        return self.spoken(self.used_given or self.first_given)

    @staticmethod
    def spoken(given: str) -> str:
        """A given name as it is said: «JEAN-LOUIS» reads «Jean-Louis», «THI MAI» «Thi Mai»."""
        return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), given)

    @property
    def full_birth_name(self) -> str:
        """Birth name and given name, when everyday life uses others: «MARCHETTI Jeanne»."""
        if not self.used_name and not self.used_given:
            return ""
        return f"{self.birth_name} {self.spoken(self.first_given)}".strip()


class ConsentGiver(models.TextChoices):
    """Who may consent for a patient (AZUREZO, sheet 14)."""

    PATIENT = "patient", _("L'usager / patient lui-même")
    CURATEUR = "curateur", _("Le curateur")
    TUTEUR = "tuteur", _("Le tuteur légal")
    TRUSTED = "confiance", _("La personne de confiance")
    PARENT = "parental", _("Le titulaire de l'autorité parentale")
    OTHER = "autre", _("Une autre personne (à préciser)")


class Consent(UUIDModel):
    """The agreement to open and share the record; a withdrawal keeps its reason and its author."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="consents")
    given_by = models.CharField(max_length=10, choices=ConsentGiver)
    given_by_other = models.CharField(max_length=120, blank=True)
    attested_at = models.DateTimeField()
    attested_by_user = models.UUIDField()
    attested_by_party = models.UUIDField()
    attested_by_name = models.CharField(max_length=250)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_user = models.UUIDField(null=True, blank=True)
    withdrawn_by_name = models.CharField(max_length=250, blank=True)
    withdrawal_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(withdrawn_at=None), name="patients_one_consent"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawal_reason=""),
                name="patients_withdrawal_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(given_by="autre") | ~Q(given_by_other=""),
                name="patients_other_giver_is_named",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class IdentityHistory(models.Model):
    """What a change of the identity replaced: the columns that differ, before and after.

    Written by the trigger of `sql/history.sql` alone, kept for good. `version` is the one that the
    change made.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="history")
    at = models.DateTimeField()
    version = models.PositiveIntegerField()
    user_id = models.UUIDField(null=True)
    party_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["patient", "-at"], name="patients_history_patient")]

    def __str__(self) -> str:
        return f"{self.patient_id} v{self.version}"


class Zone(models.Model):
    """A set of communes named by the region; a patient's zones follow from the address."""

    name = models.CharField(max_length=80)
    commune_codes = ArrayField(models.CharField(max_length=5), default=list)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at=None), name="patients_zone_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


def missing_traits(patient: Patient) -> list[str]:
    """Name the strict traits that still hold a provisional convention (AZUREZO, sheet 13)."""
    unknown = []
    if patient.birth_name in {"A DEMANDER", "VIDE"}:
        unknown.append(gettext("nom de naissance"))
    if patient.first_given in {"A DEMANDER", "VIDE"}:
        unknown.append(gettext("1er prénom"))
    if f"{patient.birth_date:%d/%m/%Y}" == "01/01/1900":
        unknown.append(gettext("date de naissance"))
    if patient.birth_place_code == "99999":
        unknown.append(gettext("lieu de naissance"))
    return unknown


def regional_identifier(record_number: int) -> str:
    """Draw the regional identifier from the record number: 12 digits, the last one a Luhn key.

    Two records never share one; it says nothing of the person and stands in no address.
    """
    body = f"{(record_number * 73_687_871 + 40_961_003) % 10**11:011d}"
    return body + luhn.calc_check_digit(body)


class Death(UUIDModel):
    """The death of a patient as it was declared; taken back, it keeps why (AZUREZO, sheet 32).

    `died_on` empty: the date is not known.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="deaths")
    died_on = models.DateField(null=True, blank=True)
    declared_on = models.DateField()
    country_code = models.CharField(max_length=5, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    town = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by_user = models.UUIDField()
    recorded_by_party = models.UUIDField()
    recorded_by_name = models.CharField(max_length=250)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by_name = models.CharField(max_length=250, blank=True)
    undone_reason = models.CharField(max_length=250, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(undone_at=None), name="patients_dies_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | ~Q(undone_reason=""),
                name="patients_undone_death_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
