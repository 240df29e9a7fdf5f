"""Accounts: the human beings who sign in, and in whose name they may act."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

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


class SharedValue(models.Model):
    """One value of the cache that all the workers share; `expires_at` is in seconds since 1970."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.JSONField()
    expires_at = models.FloatField(null=True)

    def __str__(self) -> str:
        return self.key
