"""What a structure follows in a record: status, stays in hospital, linked records, memos."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from ronde.careteam.sections import MEMOS
from ronde.careteam.sharing import Shared
from ronde.core.models import UUIDModel
from ronde.directory.models import Party
from ronde.journal.models import Weight
from ronde.patients.models import Patient


class ListName(models.TextChoices):
    """The lists that the region sets up for itself (feature K1)."""

    STATUS = "status", _("Statuts du dossier")
    EXPERTISE = "expertise", _("Types d'expertise")
    STATUS_REASON = "status_reason", _("Motifs de changement de statut")
    EXIT_REASON = "exit_reason", _("Motifs de sortie")
    STAY_REASON = "stay_reason", _("Motifs d'hospitalisation")
    ADMISSION_STEP = "admission_step", _("À faire à l'admission")
    DISCHARGE_STEP = "discharge_step", _("À faire à la sortie")
    DEATH_PLACE = "death_place", _("Lieux de décès")


class Nature(models.TextChoices):
    """What a status means for lists and alarms, whatever its label."""

    INTENSE = "intense", _("Suivi intensif")
    ACTIVE = "active", _("Suivi actif")
    WAITING = "waiting", _("En attente")
    OUT = "out", _("Sorti")


# How `ui.status` draws each nature.
LOOKS = {
    Nature.INTENSE: "intense",
    Nature.ACTIVE: "actif",
    Nature.WAITING: "attente",
    Nature.OUT: "sorti",
}


class ListItem(UUIDModel):
    """One line of a list. Retired, it stays readable where it was used and leaves the pickers.

    `nature` is for statuses; `due_hours`, for steps, counts from the admission or the discharge.
    """

    list = models.CharField(max_length=20, choices=ListName)
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    nature = models.CharField(max_length=10, choices=Nature, blank=True)
    due_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["list", "code"], name="followup_item_once"),
            models.UniqueConstraint(
                fields=["list", "label"], condition=Q(retired_at=None), name="followup_item_label"
            ),
            models.CheckConstraint(
                condition=~Q(list="status") | ~Q(nature=""), name="followup_status_has_nature"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def look(self) -> str:
        return LOOKS.get(Nature(self.nature), "") if self.nature else ""


class RecordStatus(UUIDModel):
    """Where a patient stands for the party that follows them; FHIR EpisodeOfCare.status.

    One current row for each party (AZUREZO, sheet 21); the former ones are the history.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="statuses")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    party_name = models.CharField(max_length=250)
    kind = models.ForeignKey(ListItem, models.PROTECT, related_name="+")
    expertise = models.ForeignKey(ListItem, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.ForeignKey(ListItem, models.PROTECT, null=True, blank=True, related_name="+")
    comment = models.TextField(blank=True, max_length=1000)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    is_current = models.BooleanField(default=True)
    recorded_at = models.DateTimeField()
    recorded_by_user = models.UUIDField()
    recorded_by_name = models.CharField(max_length=250)

    class Meta:
        indexes = [models.Index(fields=["patient", "-started_on"], name="followup_status_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "party"],
                condition=Q(is_current=True),
                name="followup_one_current_status",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="followup_status_ends_after",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Stay(UUIDModel):
    """A stay in hospital, past, present or to come; FHIR Encounter (class IMP).

    `establishment` comes from the directory; `place` is its name, or what was typed.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="stays")
    establishment = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.CharField(max_length=250)
    unit = models.CharField(max_length=120, blank=True)
    is_planned = models.BooleanField(default=False)
    admitted_at = models.DateTimeField()
    expected_on = models.DateField(null=True, blank=True)
    discharged_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(ListItem, models.PROTECT, null=True, blank=True, related_name="+")
    comment = models.TextField(blank=True, max_length=1000)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_reason = models.CharField(max_length=250, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by_user = models.UUIDField()
    recorded_by_party = models.UUIDField()
    recorded_by_name = models.CharField(max_length=250)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["patient", "-admitted_at"], name="followup_stay_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(discharged_at=None) | Q(discharged_at__gte=F("admitted_at")),
                name="followup_stay_ends_after",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | ~Q(cancelled_reason=""),
                name="followup_cancelled_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Phase(models.TextChoices):
    ADMISSION = "admission", _("À l'admission")
    DISCHARGE = "discharge", _("À la sortie")


class StayStep(UUIDModel):
    """One thing to do at the admission or at the discharge, with who does it and by when.

    `done_at` less the admission or the discharge is the measured delay. A step that does not
    concern this stay is dropped, not deleted.
    """

    stay = models.ForeignKey(Stay, models.PROTECT, related_name="steps")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    phase = models.CharField(max_length=10, choices=Phase)
    label = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    owner_name = models.CharField(max_length=250, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.UUIDField(null=True, blank=True)
    done_by_name = models.CharField(max_length=250, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["stay"], name="followup_step_stay")]

    def __str__(self) -> str:
        return self.label


class Link(UUIDModel):
    """Two records of people who are related: `other` is the `kinship` of `patient`.

    Read by whoever may open both records, and by nobody else: a link tells nothing of a record to
    who has no right on it, not even that it exists. Removed, it stays.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    kinship = models.CharField(max_length=20)
    comment = models.CharField(max_length=250, blank=True)
    linked_at = models.DateTimeField()
    linked_by_user = models.UUIDField()
    linked_by_party = models.UUIDField()
    linked_by_name = models.CharField(max_length=250)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by_name = models.CharField(max_length=250, blank=True)

    class Meta:
        indexes = [models.Index(fields=["other"], name="followup_link_other")]
        constraints = [
            models.UniqueConstraint(
                Least("patient", "other"),
                Greatest("patient", "other"),
                condition=Q(removed_at=None),
                name="followup_link_once",
            ),
            models.CheckConstraint(
                condition=~Q(patient=F("other")), name="followup_link_to_another"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Memo(UUIDModel, Shared):
    """A note that stays in sight, like one stuck on the cover (AZUREZO, sheet 33).

    Whoever may read it and write memos may correct it; its owner alone chooses its audience and
    deletes it. Once nobody opens the record in the owner's name, whoever is shown it and keeps the
    circle may take it over. Deleted, it is withdrawn and kept.
    """

    section = MEMOS

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="memos")
    title = models.CharField(max_length=120, blank=True)
    content = models.TextField(max_length=2000)
    weight = models.PositiveSmallIntegerField(choices=Weight, default=Weight.NORMAL)
    written_at = models.DateTimeField()
    written_by_user = models.UUIDField()
    written_by_name = models.CharField(max_length=250)
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=250)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by_name = models.CharField(max_length=250, blank=True)
    version = models.PositiveIntegerField(default=1)
    to_take_over = False  # Asked by `memo_queries.every`, for who reads.

    class Meta:
        indexes = [models.Index(fields=["patient", "-changed_at"], name="followup_memo_patient")]
        constraints = [
            models.CheckConstraint(condition=~Q(content=""), name="followup_memo_says_something")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MemoVersion(UUIDModel):
    """What a memo said before a change; seen by whoever sees the memo."""

    memo = models.ForeignKey(Memo, models.PROTECT, related_name="past")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120, blank=True)
    content = models.TextField()
    weight = models.PositiveSmallIntegerField(choices=Weight)
    until = models.DateTimeField()
    written_by_name = models.CharField(max_length=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["memo", "version"], name="followup_memo_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.memo_id} v{self.version}"
