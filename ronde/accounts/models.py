"""Accounts: the human beings who sign in, and in whose name they may act."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ronde.accounts.group_models import FavouriteGroup as FavouriteGroup  # Models of the app.
from ronde.core.models import UUIDModel
from ronde.directory.models import Party, Person, Structure


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(UUIDModel, AbstractBaseUser):
    """A person with an account; `person` is their entry in the directory.

    An account without entry (support, administration) signs in but opens no record.
    """

    email = models.EmailField("adresse e-mail")
    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="user"
    )
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    single_key_shortcuts = models.BooleanField(default=True)
    # Empty until they choose: `ronde.accounts.language` says what is spoken then.
    language = models.CharField(max_length=5, blank=True, default="", db_default="")
    # In whose name they acted last: where the next session starts, if they still may.
    last_identity = models.ForeignKey(
        Party, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def username(self) -> str:
        return self.email


class Attachment(UUIDModel):
    """A person may act as a structure («personne morale») from `since` until `ended_at`.

    It is given by hand or by the administrator, never drawn from an imported post.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="attachments")
    structure = models.ForeignKey(Structure, models.PROTECT, related_name="attachments")
    is_super_user = models.BooleanField(default=False)
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "structure"],
                condition=Q(ended_at=None),
                name="accounts_attachment_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.structure_id}"


class DutyKind(models.TextChoices):
    """What a person does for the region, beside or without caring for anybody."""

    ADMINISTRATOR = "administrator", _("Administration régionale")
    IDENTITY_CELL = "identity_cell", _("Cellule d'identitovigilance")
    PRIVACY_OFFICER = "privacy_officer", _("Délégué à la protection des données")
    SUPPORT = "support", _("Assistance")


class Duty(UUIDModel):
    """A person is on duty for the region from `since` until `ended_at`.

    It opens the pages of the console and no record. It is given by an administrator, the first one
    by `manage.py create_user --duty`.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=20, choices=DutyKind)
    since = models.DateTimeField(auto_now_add=True)
    given_by = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(ended_at=None), name="accounts_duty_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.kind}"


class DelegationScope(models.TextChoices):
    """What is delegated (AZUREZO, sheet 36 bis)."""

    RECORDS = "records", _("Dossiers & RCP")
    MESSAGES = "messages", _("Discussions")


class DelegationStatus(models.TextChoices):
    PENDING = "pending", _("En attente")
    ACCEPTED = "accepted", _("Acceptée")
    REFUSED = "refused", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée")


class Delegation(UUIDModel):
    """`delegate` may act in the name of `delegator`, in one scope, while it is accepted.

    Asked for by the delegate, or given by the delegator at once. It gives the delegator's rights,
    never more, and is never handed on: what a delegator holds by delegation is not delegated.
    """

    delegator = models.ForeignKey(Party, models.PROTECT, related_name="delegations_given")
    delegate = models.ForeignKey(Party, models.PROTECT, related_name="delegations_held")
    scope = models.CharField(max_length=10, choices=DelegationScope)
    status = models.CharField(max_length=10, choices=DelegationStatus)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.UUIDField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.UUIDField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["delegate", "status"], name="accounts_delegation_held")]
        constraints = [
            models.UniqueConstraint(
                fields=["delegator", "delegate", "scope"],
                condition=Q(status__in=["pending", "accepted"]),
                name="accounts_delegation_once",
            ),
            models.CheckConstraint(
                condition=~Q(delegator=models.F("delegate")), name="accounts_delegation_to_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delegator_id} → {self.delegate_id} · {self.scope}"


class RelationFavorite(UUIDModel):
    """A party kept at the top of the relations of another, whichever side it stands on."""

    owner = models.ForeignKey(Party, models.CASCADE, related_name="+")
    other = models.ForeignKey(Party, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "other"], name="accounts_relation_favorite_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} ★ {self.other_id}"


class TermsAcceptance(UUIDModel):
    """Who accepted which version of the terms of use, and when. Kept for good."""

    user = models.ForeignKey(User, models.PROTECT, related_name="terms")
    version = models.CharField(max_length=20)
    accepted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="accounts_terms_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.version}"


class Draft(UUIDModel):
    """What was typed in a form when the session ended: given back after signing in again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    address = models.CharField(max_length=300)
    values = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "address"], name="accounts_draft_once")
        ]

    def __str__(self) -> str:
        return self.address


class Device(UUIDModel):
    """An open session of an account, as its holder sees it: on what, from where, since when.

    `network` is the address cut short (the place, not the machine); `provider_session` is the name
    that Pro Santé Connect gives to the session opened there. `locked_at`: covered since, until
    its holder proves who they are.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=30, blank=True)
    system = models.CharField(max_length=30, blank=True)
    network = models.CharField(max_length=45, blank=True)
    provider_session = models.CharField(max_length=255, blank=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    locked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["provider_session"],
                condition=~Q(provider_session=""),
                name="accounts_device_provider",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ProSanteLink(UUIDModel):
    """The Pro Santé Connect identity of an account, set at the first sign-in by that way."""

    user = models.OneToOneField(User, models.CASCADE, related_name="pro_sante")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="accounts_pro_sante_once")
        ]

    def __str__(self) -> str:
        return self.subject


class SupportRequest(UUIDModel):
    """What somebody asked of the support, until it is removed (`SUPPORT_KEPT_FOR`).

    `user` is empty for a visitor. `context` says where it was written from, without any key of a
    record: page, browser, acting identity, version.
    """

    class Category(models.TextChoices):
        ACCESS = "access", _("Me connecter, mon compte")
        RIGHTS = "rights", _("Accéder à un dossier")
        BUG = "bug", _("Une page ne fonctionne pas")
        DIRECTORY = "directory", _("Corriger l’annuaire")
        PRIVACY = "privacy", _("Données personnelles, droits d’un patient")
        ACCESSIBILITY = "accessibility", _("Accessibilité")
        OTHER = "other", _("Autre demande")

    reference = models.CharField(max_length=12, unique=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=20, choices=Category)
    text = models.TextField()
    context = models.JSONField(default=dict)
    language = models.CharField(max_length=5)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.reference


class SharedValue(models.Model):
    """One value of the cache that all the workers share; `expires_at` is in seconds since 1970."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.JSONField()
    expires_at = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.key


# The models of this app that stand in a file of their own.
from ronde.accounts.request_models import (  # noqa: E402, F401
    AccountRequest,
    AttachmentOpinion,
    Invitation,
    RequestStep,
)
from ronde.accounts.terms_models import TermsVersion  # noqa: E402, F401
