"""What is kept in a record with an audience of its own: memos, documents, forms.

A model inherits `Shared`, names its section, and is read by `.readable(access)` alone. Its policy
joins to the right on the record
`app.shown(sharing, owner_party, owned_by_structure, recipients)`.
"""

from collections.abc import Collection
from typing import Any, ClassVar, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from ronde.careteam.access import Access, parties_with_access
from ronde.core.sharing import Shareable, Sharing, shown_to
from ronde.directory.models import Party


class SharedQuerySet(models.QuerySet[Any]):
    def readable(self, access: Access) -> Self:
        """Keep what `access` may read: in its record, by the matrix, and shown to who acts."""
        rows = self.filter(shown_to(access.actor), patient_id=access.patient_id)
        return rows.in_sections(access)

    def in_sections(self, access: Access) -> Self:
        """Keep the sections that the matrix opens; a model with several of them refines this."""
        return self if access.can_read(self.model.section) else self.none()


class Shared(Shareable):
    section: ClassVar[str]

    objects = SharedQuerySet.as_manager()

    class Meta:
        abstract = True


def choices(access: Access) -> list[tuple[str, str]]:
    """With whom something can be shared: the other parties that may open the record, by name."""
    others = set(parties_with_access(access.patient_id)) - {access.actor.party_id}
    rows = Party.objects.filter(pk__in=others).order_by("sort_key", "pk")
    return [(str(key), name) for key, name in rows.values_list("pk", "display_name")]


def levels(access: Access) -> list[tuple[int, str]]:
    """The levels that whoever acts may choose: not one by which they would hide it from themselves.

    A delegate keeps nothing private for the structure of somebody else.
    """
    hidden = access.actor.is_delegate and access.actor.as_structure
    return [(one.value, one.label) for one in Sharing if not (hidden and one == Sharing.PRIVATE)]


def share(
    row: Shareable, access: Access, level: Sharing, recipients: Collection[UUID] = ()
) -> bool:
    """Give `row` this audience, without saving it; tell whether it changed.

    Refused: shared with nobody, or with a party that may not open the record.
    """
    chosen = sorted(set(recipients) - {row.owner_party}) if level == Sharing.SHARED else []
    if level == Sharing.SHARED and not chosen:
        raise ValidationError(_("Choisissez avec qui partager."), code="recipients")
    former = set(row.recipients)
    if not set(chosen) - former <= set(parties_with_access(access.patient_id)):
        raise ValidationError(
            _("Une des personnes choisies n'a plus accès au dossier."), code="recipients"
        )
    if level.value not in dict(levels(access)):
        raise ValidationError(_("Choisissez avec qui partager."), code="sharing")
    changed = (row.sharing, former) != (level, set(chosen))
    row.sharing, row.recipients = level, chosen
    return changed
