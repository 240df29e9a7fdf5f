"""Asking for an account, for oneself or for a colleague, and inviting somebody to ask."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.core.models import UUIDModel
from ronde.core.text import fold
from ronde.directory.models import Person, Structure


class RequestKind(models.TextChoices):
    SELF = "self", _("Demande d'inscription")
    COLLEAGUE = "colleague", _("Demandé par un confrère")


class RequestStatus(models.TextChoices):
    """`UNVERIFIED` waits for the mailed link and is seen by nobody."""

    UNVERIFIED = "unverified", _("Adresse à vérifier")
    PENDING = "pending", _("À valider")
    MORE = "more", _("Complément demandé")
    ACCEPTED = "accepted", _("Acceptée")
    REFUSED = "refused", _("Refusée")


OPEN_STATUSES = (RequestStatus.PENDING, RequestStatus.MORE)


class RefusalReason(models.TextChoices):
    UNKNOWN = "unknown", _("Identité professionnelle non vérifiée")
    NUMBER = "number", _("Le numéro RPPS ou ADELI n'est pas celui de cette personne")
    DUPLICATE = "duplicate", _("Cette personne a déjà un compte")
    OUTSIDE = "outside", _("Hors du périmètre de la région")
    NO_CARE = "no_care", _("Fonction sans lien avec la prise en charge des patients")
    OTHER = "other", _("Autre motif")


class LinkPurpose(models.TextChoices):
    VERIFY = "verify", _("Vérifier l'adresse e-mail")
    COMPLETE = "complete", _("Compléter la demande")


class AccountRequest(UUIDModel):
    """One request, from its form to the account that it gives, or to its refusal.

    `person` is the entry of the directory that the number names; `name_differs`: the name typed is
    not the directory's, somebody has to look. `link` is the one live link mailed to the applicant:
    it serves once and expires. `psc_subject`: identity proven by Pro Santé Connect, nothing left to
    validate. `version` counts the changes, so that of two validators one wins.
    """

    kind = models.CharField(max_length=10, choices=RequestKind)
    status = models.CharField(max_length=10, choices=RequestStatus)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=20, blank=True)
    family_name = models.CharField(max_length=120)
    given_name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=250, db_collation="C", editable=False)
    profession_code = models.CharField(max_length=20, blank=True)
    function = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=100, blank=True)
    rpps = models.CharField(max_length=11, blank=True)
    adeli = models.CharField(max_length=9, blank=True)
    language = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    name_differs = models.BooleanField(default=False)
    structure_ids = ArrayField(models.UUIDField(), default=list)
    psc_subject = models.CharField(max_length=120, blank=True)
    invitation_id = models.UUIDField(null=True, blank=True)
    requester_user = models.UUIDField(null=True, blank=True)
    requester_party = models.UUIDField(null=True, blank=True)
    requester_name = models.CharField(max_length=250, blank=True)

    link = models.UUIDField(null=True, blank=True, unique=True, default=uuid.uuid4)
    link_purpose = models.CharField(max_length=10, choices=LinkPurpose, blank=True)
    link_expires_at = models.DateTimeField(null=True, blank=True)
    link_used_at = models.DateTimeField(null=True, blank=True)
    question = models.TextField(blank=True, max_length=1_000)
    answer = models.TextField(blank=True, max_length=2_000)

    created_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    decided_by_name = models.CharField(max_length=250, blank=True)
    reason = models.CharField(max_length=10, choices=RefusalReason, blank=True)
    reason_text = models.TextField(blank=True, max_length=1_000)
    account_id = models.UUIDField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["status", "entered_at"], name="accounts_request_queue"),
            models.Index(fields=["name_key"], name="accounts_request_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.REFUSED) | ~Q(reason=""),
                name="accounts_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.ACCEPTED, account_id__isnull=False)
                | (~Q(status=RequestStatus.ACCEPTED) & Q(account_id=None)),
                name="accounts_accepted_has_account",
            ),
        ]

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        if values:  # Made, not read.
            self.name_key = fold(f"{self.family_name} {self.given_name}")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class RequestStep(models.Model):
    """What became of a request, line by line: a trigger writes it, nobody changes it."""

    request = models.ForeignKey(AccountRequest, models.DO_NOTHING, related_name="steps")
    at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=RequestStatus)
    by_user = models.UUIDField(null=True)
    by_name = models.CharField(max_length=250, blank=True)
    reason = models.CharField(max_length=10, choices=RefusalReason, blank=True)
    text = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.request_id} · {self.status}"


class AttachmentOpinion(UUIDModel):
    """What the super-user of a structure says of somebody who asks to be attached to it."""

    request = models.ForeignKey(AccountRequest, models.PROTECT, related_name="opinions")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="+")
    confirmed = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)
    by_user = models.UUIDField()
    by_name = models.CharField(max_length=250)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "structure"], name="accounts_opinion_once")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} · {self.structure_id}"


class Invitation(UUIDModel):
    """A colleague invited by mail to ask for an account.

    `link` leads to the sign-up: 30 days, once, and not any more once withdrawn. `request_id` is
    the request that it led to, `account_id` the account that came of it; both stay empty for
    whoever had an account already, which the inviter does not learn.
    """

    email = models.EmailField()
    text = models.TextField(max_length=2_000)
    by_user = models.UUIDField()
    by_party = models.UUIDField()
    by_name = models.CharField(max_length=250)
    link = models.UUIDField(unique=True, default=uuid.uuid4)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(null=True, blank=True)
    account_id = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by_user", "-created_at"], name="accounts_invitation_mine")]

    def __str__(self) -> str:
        return str(self.pk)
