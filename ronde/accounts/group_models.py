"""Favourite groups: persons and structures that one often adds together (AZUREZO, profile)."""

from django.db import models

from ronde.core.models import UUIDModel
from ronde.directory.models import Party


class FavouriteGroup(UUIDModel):
    """It belongs to the human being, also when acting as a structure or by delegation."""

    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="favourite_groups")
    name = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="accounts_group_name")
        ]

    def __str__(self) -> str:
        return self.name


class FavouriteGroupMember(UUIDModel):
    group = models.ForeignKey(FavouriteGroup, models.CASCADE, related_name="members")
    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "party"], name="accounts_group_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id} · {self.party_id}"


class FavouriteGroupShare(UUIDModel):
    """A colleague uses the group; with `may_edit` they also change its name and its members."""

    group = models.ForeignKey(FavouriteGroup, models.CASCADE, related_name="shares")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    may_edit = models.BooleanField(default=False)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="accounts_group_share_once")
        ]

    def __str__(self) -> str:
        return f"{self.group_id} · {self.user_id}"
