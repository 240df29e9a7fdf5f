"""To whom one thing is shown, among those who could see it: everybody, a few, or its owner."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.core.actor import Actor


class Sharing(models.IntegerChoices):
    PUBLIC = 1, _("Public")
    SHARED = 2, _("Partagé")
    PRIVATE = 3, _("Privé")


class Shareable(models.Model):
    """A row with its own audience; `app.shown` (sql/sharing.sql) is the same rule in the database.

    `owner_party` is the party in whose name it was made, `recipients` the parties with whom it is
    shared. Whoever acts by delegation sees what the delegator sees, save the private things of a
    structure (AZUREZO: «seule la structure pourra le voir et non les délégués»).
    """

    sharing = models.PositiveSmallIntegerField(
        choices=Sharing, default=Sharing.PUBLIC, db_default=1
    )
    owner_party = models.UUIDField(null=True)
    owned_by_structure = models.BooleanField(default=False, db_default=False)
    recipients = ArrayField(models.UUIDField(), default=list, db_default=[])

    class Meta:
        abstract = True

    def belongs_to(self, actor: Actor) -> None:
        """Make the party that acts the owner."""
        self.owner_party = actor.party_id
        self.owned_by_structure = actor.as_structure

    def audience(self) -> list[UUID] | None:
        """The parties to whom it is shown; None for everybody."""
        if self.sharing == Sharing.PUBLIC:
            return None
        shared = self.recipients if self.sharing == Sharing.SHARED else []
        return [self.owner_party, *shared] if self.owner_party else list(shared)


def shown_to(actor: Actor) -> Q:
    """Keep the rows whose audience holds `actor`."""
    mine = Q(owner_party=actor.party_id)
    private = mine & Q(owned_by_structure=False) if actor.is_delegate else mine
    return (
        Q(sharing=Sharing.PUBLIC)
        | Q(Q(recipients__contains=[actor.party_id]) | mine, sharing=Sharing.SHARED)
        | Q(private, sharing=Sharing.PRIVATE)
    )
